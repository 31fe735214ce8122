using System.Text.Json;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>
/// Carries out the approved plan, every part as soon as what it needs is there: group, then account with share, registry and cluster side by
/// side, then the right to pull as soon as the cluster's kubelet identity is known. Starts once a run; each task awaits its own parts.
/// Everything can be interrupted: the next run reads what there is and goes on.
/// </summary>
public sealed class AzureChangeGraph(
    AzurePlanSource plans, PlanGate gate, RunScope scope, AzureWriter writer, ResourceWatch watch, ServicePrincipals principals,
    IBuildConsole console, TimeProvider time) : IDisposable
{
    private readonly AsyncOnce<Started> _started = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _lock = new();
    private readonly HashSet<AzurePart> _underWay = [];
    private readonly TaskCompletionSource _clusterBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _kubelet = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _said;
    private CancellationTokenRegistration _farewell;
    private bool _isDisposed;

    /// <summary>Starts the changes of this run where that has not been done, and awaits those of one task.</summary>
    /// <param name="step">The task.</param>
    /// <param name="onlyBegin">Do not await what takes minutes and is awaited before Deploy.</param>
    public async Task<StepOutcome> ProvisionAsync(string step, bool onlyBegin, CancellationToken cancellation)
    {
        var (plan, parts) = await _started.GetAsync(StartAsync, cancellation);
        var mine = plan.Plan.Actions.Where(action => string.Equals(action.Row.Step, step, StringComparison.OrdinalIgnoreCase)).ToList();
        if (mine.Count == 0)
            return new StepOutcome("nothing to do here in this configuration");
        if (!mine.Any(action => action.IsWork))
            return new StepOutcome($"unchanged: {string.Join(", ", mine.Select(action => plan.Names.Describe(action.Part)))}");
        var cluster = plan.Plan.Of(AzurePart.Cluster);
        if (onlyBegin && mine.Contains(cluster!) && cluster!.IsWork)
        {
            await AwaitAsync(BeginsAsync(parts), parts, cancellation);
            return new StepOutcome($"{plan.Names.Describe(AzurePart.Cluster)}: {Doing(cluster)}; awaited before Deploy");
        }

        await AwaitAsync(Task.WhenAll(mine.Select(action => parts[action.Part])), parts, cancellation);
        List<string> told = [];
        foreach (var action in mine.Where(action => action.IsWork))
            told.Add(await parts[action.Part]);
        var unchanged = mine.Count(action => !action.IsWork);
        if (unchanged > 0)
            told.Add($"{unchanged} unchanged");
        return new StepOutcome(string.Join(", ", told));
    }

    /// <summary>Returns when the cluster and the right to pull are there, whether this run makes them or an earlier one has begun it.</summary>
    public async Task AwaitClusterAsync(CancellationToken cancellation)
    {
        var plan = await plans.GetAsync(cancellation);
        if (_started.Known?.Parts is { } parts && parts.ContainsKey(AzurePart.Cluster))
        {
            AzurePart[] awaited = [AzurePart.Cluster, AzurePart.PullAccess];
            await AwaitAsync(Task.WhenAll(awaited.Where(parts.ContainsKey).Select(part => parts[part])), parts, cancellation);
        }
        else if (plan.Plan.Of(AzurePart.Cluster) is { Wait: AzureWait.Settled })
        {
            RequireUp(plan.Names, await watch.UntilSettledAsync(plan.Names, AzurePart.Cluster, "creating", null, cancellation));
        }
    }

    /// <summary>At the end of the run; what is under way then, Azure goes on with, because something else has failed meanwhile.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        SayWhatGoesOn();
        _farewell.Dispose();
        _abandoned.Cancel();
        _abandoned.Dispose();
    }

    private async Task<Started> StartAsync(CancellationToken cancellation)
    {
        await gate.ApproveAsync(cancellation);
        var plan = await plans.GetAsync(cancellation);
        _farewell = cancellation.Register(SayWhatGoesOn);
        return new Started(plan, Begin(plan, cancellation));
    }

    private Dictionary<AzurePart, Task<string>> Begin(ObservedPlan plan, CancellationToken cancellation)
    {
        if (plan.Lasting.Cluster?.KubeletObjectId is { } known)
            _kubelet.TrySetResult(known);
        var complete = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = new RunSignals(
            complete.Task, CancellationTokenSource.CreateLinkedTokenSource(cancellation, _abandoned.Token).Token, cancellation);
        var parts = new Dictionary<AzurePart, Task<string>>();
        foreach (var action in plan.Plan.Actions.Where(action => scope.Includes(action.Row.Step)))
        {
            var needs = NeedsOf(action.Part).Where(parts.ContainsKey).Select(part => parts[part]).ToArray();
            parts[action.Part] = CarryOutAsync(plan, action, needs, parts, run);
        }

        complete.SetResult();
        return parts;
    }

    /// <summary>What must be there before; parts come in an order in which these come first.</summary>
    private static AzurePart[] NeedsOf(AzurePart part) => part switch
    {
        AzurePart.StorageAccount or AzurePart.Registry or AzurePart.Cluster => [AzurePart.Group],
        AzurePart.Share => [AzurePart.StorageAccount],
        AzurePart.PullAccess => [AzurePart.Registry],
        _ => [],
    };

    private async Task<string> CarryOutAsync(
        ObservedPlan plan, AzureAction action, Task<string>[] needs, Dictionary<AzurePart, Task<string>> parts, RunSignals run)
    {
        await run.Complete;
        try
        {
            await Task.WhenAll(needs);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new NotAttemptedException();
        }

        var name = plan.Names.Describe(action.Part);
        if (!action.IsWork)
            return $"{name} unchanged";
        var started = time.GetTimestamp();
        var text = action.Part == AzurePart.PullAccess ? await GrantAsync(plan, action, parts, run) : await ChangeAsync(plan.Names, action, run);
        lock (_lock)
            _underWay.Remove(action.Part);
        return $"{text} ({ResourceWatch.Clock(time.GetElapsedTime(started))})";
    }

    private async Task<string> ChangeAsync(AzureNames names, AzureAction action, RunSignals run)
    {
        var isCluster = action.Part == AzurePart.Cluster;
        if (action.Wait != AzureWait.None)
            Mark(action.Part);
        if (isCluster && action.Wait == AzureWait.Settled)
            _clusterBegun.TrySetResult();
        if (action.Wait == AzureWait.Gone)
            await watch.UntilGoneAsync(names, action.Part, run.Stop, wasDeleting: true);
        else if (action.Wait == AzureWait.Settled)
            RequireUp(names, await watch.UntilSettledAsync(names, action.Part, "in the making", isCluster ? Learn : null, run.Stop), action.Part);
        foreach (var command in action.Commands)
        {
            run.Stop.ThrowIfCancellationRequested();
            Mark(action.Part);
            await GiveAsync(names, action.Part, command, run.Cancellation);
            if (!isCluster || command.Arguments.Contains("delete"))
                continue;
            _clusterBegun.TrySetResult();
            RequireUp(names, await watch.UntilSettledAsync(names, AzurePart.Cluster, Doing(action), Learn, run.Stop, isNew: command.Arguments.Contains("create")));
        }

        return $"{names.Describe(action.Part)} {Done(action)}";
    }

    /// <summary>What is refused does not go on.</summary>
    private async Task GiveAsync(AzureNames names, AzurePart part, AzCommand command, CancellationToken cancellation)
    {
        try
        {
            await writer.RunAsync(names, part, command, cancellation);
        }
        catch (BuildException)
        {
            lock (_lock)
                _underWay.Remove(part);
            throw;
        }
    }

    private async Task<string> GrantAsync(ObservedPlan plan, AzureAction action, Dictionary<AzurePart, Task<string>> parts, RunSignals run)
    {
        var names = plan.Names;
        if (plan.Lasting.Registry is null && !parts.ContainsKey(AzurePart.Registry))
            return $"{names.Describe(action.Part)} waits for the registry (--target=ProvisionAcr)";
        if (action.Commands.Count > 0)
            return await ChangeAsync(names, action, run);
        var principal = names.Azure.Registry.Auth == RegistryAuth.ServicePrincipal
            ? (await principals.EnsureAsync(names, run.Cancellation)).ObjectId!
            : await KubeletAsync(parts[AzurePart.Cluster], run.Stop);
        Mark(action.Part);
        await writer.RunAsync(names, AzurePart.PullAccess, AzureCommands.AssignAcrPull(names, principal), run.Cancellation);
        return $"{names.Describe(action.Part)} assigned";
    }

    /// <summary>Known while the cluster is still being made; where it never comes, the cluster's own failure says why.</summary>
    private async Task<string> KubeletAsync(Task<string> cluster, CancellationToken stop)
    {
        await Task.WhenAny(_kubelet.Task, cluster).WaitAsync(stop);
        if (_kubelet.Task.IsCompletedSuccessfully)
            return await _kubelet.Task;
        await Task.WhenAny(cluster);
        if (!cluster.IsCompletedSuccessfully)
            throw new NotAttemptedException();
        throw new BuildException(
            ErrorCode.AzureOperationFailed, "The cluster has no kubelet identity.",
            cause: "it was made with a service principal", remedy: "set azure.registry.auth to token or servicePrincipal");
    }

    private void Learn(JsonElement cluster)
    {
        if (cluster.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty("identityProfile", out var identities) && identities.ValueKind == JsonValueKind.Object
            && identities.TryGetProperty("kubeletidentity", out var kubelet)
            && kubelet.TryGetProperty("objectId", out var id) && id.GetString() is { Length: > 0 } objectId)
        {
            _kubelet.TrySetResult(objectId);
        }
    }

    /// <summary>Returns when Azure has begun with the cluster; throws where it refuses to.</summary>
    private async Task BeginsAsync(Dictionary<AzurePart, Task<string>> parts)
    {
        var cluster = parts[AzurePart.Cluster];
        if (await Task.WhenAny(_clusterBegun.Task, cluster) == cluster)
            await cluster;
    }

    /// <summary>Awaits parts of one task. When one fails, nothing further begins, and what az is at comes to its end first.</summary>
    private async Task AwaitAsync(Task awaited, Dictionary<AzurePart, Task<string>> parts, CancellationToken cancellation)
    {
        try
        {
            await awaited.WaitAsync(cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // Not left to the registration alone: who waits hears of a cancellation before it does, and the run may have ended by then.
            SayWhatGoesOn();
            throw;
        }
        catch (Exception)
        {
            await _abandoned.CancelAsync();
            await ((Task)Task.WhenAll(parts.Values)).WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
            var failures = parts.Values.Where(part => part.IsFaulted).SelectMany(part => part.Exception!.InnerExceptions)
                .Where(exception => exception is not NotAttemptedException).Distinct().ToList();
            SayWhatGoesOn();
            throw failures switch
            {
                [] => new BuildException(ErrorCode.AzureOperationFailed, "The changes in Azure did not come to their end."),
                [BuildException single] => single,
                _ => new BuildException(
                    (failures.OfType<BuildException>().FirstOrDefault()?.Code) ?? ErrorCode.AzureOperationFailed,
                    $"{failures.Count} changes in Azure failed.", toolOutput: string.Join('\n', failures.Select(failure => failure.Message))),
            };
        }
    }

    private void RequireUp(AzureNames names, JsonElement? resource, AzurePart part = AzurePart.Cluster)
    {
        var name = names.Describe(part);
        if (resource is not { } settled)
        {
            lock (_lock)
                _underWay.Remove(part);
            throw new BuildException(
                ErrorCode.AzureOperationFailed, $"The {name} was deleted while it was awaited.", remedy: "run again; it will be made anew");
        }

        if (ProvisioningStates.PhaseOf(ResourceWatch.StateOf(settled)) != ProvisioningPhase.Broken)
            return;
        lock (_lock)
            _underWay.Remove(part);
        throw ProvisioningFailure.Of(name, names.IdOf(part), names.Subscription, settled);
    }

    private void Mark(AzurePart part)
    {
        lock (_lock)
            _underWay.Add(part);
    }

    private void SayWhatGoesOn()
    {
        List<AzurePart> goingOn;
        lock (_lock)
        {
            goingOn = [.. _underWay.Where(part => part != AzurePart.PullAccess).Order()];
            if (goingOn.Count == 0 || _said)
                return;
            _said = true;
        }

        var plan = plans.Known!;
        console.Warning(
            $"Azure goes on with: {string.Join(", ", goingOn.Select(part => $"{plan.Names.Describe(part)} ({Doing(plan.Plan.Of(part)!)})"))}. "
            + "Run again to continue, or --target=Clean to remove it.");
    }

    private static string Doing(AzureAction action) => action switch
    {
        { Wait: AzureWait.Settled } => "in the making since an earlier run",
        { Row.Kind: ChangeKind.Create } => "creating",
        _ => "updating",
    };

    private static string Done(AzureAction action) => action.Row.Kind switch
    {
        ChangeKind.Create => "created",
        ChangeKind.Update => "updated",
        _ => "ready",
    };

    private sealed record Started(ObservedPlan Plan, Dictionary<AzurePart, Task<string>> Parts);

    /// <param name="Complete">All parts are known; before that, none runs.</param>
    /// <param name="Stop">Nothing further is begun, and nothing is waited for.</param>
    /// <param name="Cancellation">What az is at is ended too.</param>
    private sealed record RunSignals(Task Complete, CancellationToken Stop, CancellationToken Cancellation);

    /// <summary>Something that it needs has failed; that failure is told, this one is not.</summary>
    private sealed class NotAttemptedException : Exception;
}
