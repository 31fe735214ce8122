using System.Globalization;
using System.Net;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Which answers of Azure Resource Manager mean "not yet", and when to ask again.</summary>
public static class ArmRetry
{
    /// <summary>Tries in all.</summary>
    public const int Attempts = 6;

    /// <summary>One try gets so long; ARM itself gives up after a minute.</summary>
    public static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(70);

    /// <summary>Longest wait that a server can impose: it names seconds to minutes, and a person sits before the console.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    /// <summary>
    /// 429 is throttling, 409 an operation in progress, 5xx and 408 are Azure's own trouble; everything else will not change by asking again.
    /// 501 and 505 are answers, not trouble.
    /// </summary>
    public static bool IsTransient(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict or HttpStatusCode.RequestTimeout => true,
        HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported => false,
        _ => (int)status >= 500,
    };

    /// <summary>A 409 too, but one that waits for a person: the subscription does not know the resource provider.</summary>
    public static bool IsUnregistered(HttpStatusCode status, string body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return status == HttpStatusCode.Conflict && body.Contains("MissingSubscriptionRegistration", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The wait that the answer asks for: <c>x-ms-retry-after-ms</c>, else <c>Retry-After</c> as seconds or as a date. Null where it asks for none.
    /// </summary>
    public static TimeSpan? RequestedWait(HttpResponseMessage response, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(response);
        TimeSpan? wait = null;
        if (response.Headers.TryGetValues("x-ms-retry-after-ms", out var values)
            && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            wait = TimeSpan.FromMilliseconds(Math.Min(milliseconds, LongestWait.TotalMilliseconds));
        else if (response.Headers.RetryAfter is { } after)
            wait = after.Delta ?? after.Date - now;
        return wait is { } some ? TimeSpan.FromTicks(Math.Clamp(some.Ticks, 0, LongestWait.Ticks)) : null;
    }

    internal static ResiliencePipeline<HttpResponseMessage> Pipeline(TimeProvider clock) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromSeconds(0.5),
                MaxDelay = TimeSpan.FromSeconds(20),
                UseJitter = true,
                ShouldHandle = async arguments => arguments.Outcome switch
                {
                    { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
                    { Result: { } response } => IsTransient(response.StatusCode) && !IsUnregistered(
                        response.StatusCode, await response.Content.ReadAsStringAsync(arguments.Context.CancellationToken)),
                    _ => false,
                },
                DelayGenerator = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is { } response ? RequestedWait(response, clock.GetUtcNow()) : null),
                OnRetry = static arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = AttemptLimit })
            .Build();
}
