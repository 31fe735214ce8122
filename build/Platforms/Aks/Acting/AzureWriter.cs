using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Reporting;
using Polly;
using Polly.Retry;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>Gives az commands that change something: again where that helps, and with a cure where it does not.</summary>
public sealed class AzureWriter(AzCli az, ResourceWatch watch, IBuildConsole console, ISecretMask mask, TimeProvider time, AzureTimings timings)
{
    /// <param name="part">The resource whose operations may be in the way; null where none can be.</param>
    /// <exception cref="BuildException">AMB3001, AMB3002, AMB3004 or AMB3005, with what Azure says about it.</exception>
    public async Task<ProcessResult> RunAsync(AzureNames names, AzurePart? part, AzCommand command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        var pipeline = new ResiliencePipelineBuilder<ProcessResult> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<ProcessResult>
            {
                MaxRetryAttempts = timings.Attempts,
                Delay = timings.Retry,
                MaxDelay = timings.Retry * 10,
                BackoffType = DelayBackoffType.Exponential,
                ShouldHandle = outcome => ValueTask.FromResult(
                    outcome.Outcome.Result is { ExitCode: not 0 } result
                    && AzureRefusal.Of(result.StandardError).Kind is RefusalKind.InProgress or RefusalKind.Transient),
                OnRetry = async retry =>
                {
                    var isBusy = AzureRefusal.Of(retry.Outcome.Result!.StandardError).Kind == RefusalKind.InProgress;
                    console.Event($"az {Verb(command)}: {(isBusy ? "another operation is in progress" : "refused for now")}; given again");
                    if (isBusy && part is { } blocked and not AzurePart.PullAccess)
                        await watch.UntilSettledAsync(names, blocked, "busy", null, cancellation);
                },
            })
            .Build();
        var result = await pipeline.ExecuteAsync(
            async token => await az.RunAsync(command with { ThrowOnFailure = false }, token), cancellation);
        if (result.ExitCode == 0)
            return result;
        var refusal = AzureRefusal.Of(result.StandardError);
        if (refusal.Kind == RefusalKind.AlreadySo && command.Arguments is ["role", "assignment", "create", ..])
            return result;
        throw new BuildException(refusal.Code, $"az {Verb(command)} failed.", refusal.Cause, refusal.Remedy, mask.Mask(Tail(result.StandardError)));
    }

    private static string Verb(AzCommand command) => string.Join(' ', command.Arguments.TakeWhile(word => !word.StartsWith('-')));

    /// <summary>The end of what az says; before it may stand a Python traceback.</summary>
    private static string Tail(string text) => string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').TakeLast(20));
}
