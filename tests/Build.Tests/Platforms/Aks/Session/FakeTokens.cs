using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Session;
using Azure.Core;

namespace Ambrosia.Build.Tests.Platforms.Aks.Session;

/// <summary>Gives tokens named after their number, or fails as told.</summary>
internal sealed class FakeTokens(TimeProvider clock) : IAzureTokenSource
{
    private readonly Queue<BuildException> _failures = new();

    /// <summary>Audience of each token that was asked for.</summary>
    public List<string> Audiences { get; } = [];

    public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

    public void FailNext(BuildException failure) => _failures.Enqueue(failure);

    public Task<AccessToken> GetTokenAsync(string audience, string subscription, CancellationToken cancellation)
    {
        Audiences.Add(audience);
        return _failures.TryDequeue(out var failure)
            ? Task.FromException<AccessToken>(failure)
            : Task.FromResult(new AccessToken($"token-{Audiences.Count}", clock.GetUtcNow() + Life));
    }
}
