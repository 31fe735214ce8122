using System.Diagnostics;
using Ambrosia.Build.Cli;
using Azure.Core;
using Azure.Identity;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <inheritdoc cref="IAzureTokenSource"/>
/// <remarks>
/// <see cref="AzureCliCredential"/> starts <c>az account get-access-token</c> itself, found on PATH, through a shell. So that this child too
/// is known and ends with us, it is written into the journal here, and what the shell leaves behind is ended here.
/// </remarks>
public sealed class AzureCliTokenSource(ISecretMask mask, CommandJournal journal, TimeProvider clock) : IAzureTokenSource
{
    /// <summary>What tells the credential's process from others that are below us.</summary>
    private const string Command = "account get-access-token";

    /// <summary>One second is usual; a refresh over a slow network takes a few.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public async Task<AccessToken> GetTokenAsync(string audience, string subscription, CancellationToken cancellation)
    {
        // Its own limit, later than ours, would kill the shell alone.
        var credential = new AzureCliCredential(new AzureCliCredentialOptions { ProcessTimeout = Limit * 2, Subscription = subscription });
        var started = clock.GetUtcNow();
        var watch = Stopwatch.StartNew();
        int? exitCode = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        using var own = new CancellationTokenSource();
        try
        {
            // Only when its process is there: one that starts while we look for it would be missed.
            var starting = credential.GetTokenAsync(new TokenRequestContext([audience + "/.default"]), own.Token).AsTask();
            await using var ending = limit.Token.Register(() => End(own));
            var token = await starting;
            mask.Add(token.Token);
            exitCode = 0;
            return token;
        }
        catch (OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw TokenFailure.TimedOut(Limit);
        }
        catch (AuthenticationFailedException exception)
        {
            exitCode = 1;
            cancellation.ThrowIfCancellationRequested();
            throw TokenFailure.Explain(mask.Mask(exception.Message));
        }
        finally
        {
            journal.Add(new CommandRecord(
                $"az {Command} --output json --resource {audience} --subscription {subscription}", exitCode, started, watch.Elapsed));
        }
    }

    /// <summary>The credential kills the shell alone; az below it would live on, an orphan that nobody finds any more.</summary>
    private static void End(CancellationTokenSource own)
    {
        var tree = ProcessTree.Freeze(Environment.ProcessId, Command);
        try
        {
            own.Cancel();
        }
        finally
        {
            tree.KillSurvivors();
        }
    }
}
