using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Acting;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AzureChangeGraphTests : IDisposable
{
    private static readonly string[] Provision = ["ProvisionStorage", "ProvisionAcr", "ProvisionAks"];

    private static readonly AzureNames Names = new(Deployed.Default);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeAzure _azure = new();
    private readonly RecordingConsole _console = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly List<AzureChangeGraph> _made = [];

    public AzureChangeGraphTests()
    {
        // A cluster is there as soon as it was asked for, unless a test says otherwise.
        _azure.OnCommand = words =>
        {
            if (words == "aks create")
                _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
        };
    }

    public void Dispose()
    {
        foreach (var each in _made)
            each.Dispose();
        _cancellation.Dispose();
    }

    [Test]
    public async Task Each_part_comes_after_what_it_needs_and_all_come()
    {
        var graph = Graph(AzureObservation.Nothing);

        foreach (var step in Provision)
            await graph.ProvisionAsync(step, onlyBegin: false, _cancellation.Token);

        var order = _azure.Finished.ToList();
        Assert.That(order, Is.EquivalentTo(["group create", "storage account create", "storage share-rm create", "acr create", "aks create", "role assignment create"]));
        Assert.That(order[0], Is.EqualTo("group create"));
        Assert.That(order.IndexOf("storage share-rm create"), Is.GreaterThan(order.IndexOf("storage account create")));
        Assert.That(order.IndexOf("role assignment create"), Is.GreaterThan(order.IndexOf("acr create")).And.GreaterThan(order.IndexOf("aks create")));
    }

    [Test]
    public async Task Account_registry_and_cluster_are_made_side_by_side()
    {
        using var held = new Holds(_azure, "storage account create", "acr create", "aks create");
        var graph = Graph(AzureObservation.Nothing);

        var storage = graph.ProvisionAsync("ProvisionStorage", onlyBegin: false, _cancellation.Token);

        // None of them is let go before all have begun: one after the other would never get here.
        await Until(() => _azure.Started.Count == 4);
        held.Release();
        await storage.WaitAsync(Patience);
    }

    [Test]
    public async Task The_right_to_pull_is_given_while_the_cluster_is_still_being_made()
    {
        _azure.OnCommand = words =>
        {
            if (words == "aks create")
                _azure.Set(Names.Paths.Cluster, "Creating", Deployed.Kubelet);
        };
        var graph = Graph(AzureObservation.Nothing);
        var step = graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);

        await Until(() => _azure.Finished.Contains("role assignment create"));
        Assert.That(step.IsCompleted, Is.False);
        _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);

        Assert.That((await step.WaitAsync(Patience)).Summary, Does.Contain("cluster hello-cluster created"));
        Assert.That(
            _azure.Arguments.Single(arguments => arguments[0] == "role"),
            Does.Contain(Deployed.Kubelet).And.Contain(Names.RegistryId).And.Contain("--assignee-object-id").And.Contain("--assignee-principal-type"));
    }

    [Test]
    public async Task A_run_that_goes_on_to_Deploy_awaits_the_cluster_there()
    {
        _azure.OnCommand = words => Made(words, "Creating");
        var graph = Graph(AzureObservation.Nothing, tasks: [.. Provision, "Deploy"]);

        var outcome = await graph.ProvisionAsync("ProvisionAks", onlyBegin: true, _cancellation.Token).WaitAsync(Patience);
        var ready = graph.AwaitClusterAsync(_cancellation.Token);

        Assert.That(outcome.Summary, Is.EqualTo("cluster hello-cluster: creating; awaited before Deploy"));
        Assert.That(ready.IsCompleted, Is.False);
        _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
        await ready.WaitAsync(Patience);
    }

    [Test]
    public async Task Deploy_alone_awaits_a_cluster_that_an_earlier_run_has_begun()
    {
        var observed = Deployed.Observed();
        _azure.Set(Names.Paths.Cluster, "Creating");
        var graph = Graph(
            observed with { Cluster = observed.Cluster! with { Resource = observed.Cluster.Resource with { ProvisioningState = "Creating" } } }, tasks: ["Deploy"]);

        var ready = graph.AwaitClusterAsync(_cancellation.Token);
        Assert.That(ready.IsCompleted, Is.False);
        _azure.Set(Names.Paths.Cluster, "Succeeded");

        await ready.WaitAsync(Patience);
        Assert.That(_azure.Started, Is.Empty);
    }

    [Test]
    public async Task The_wait_for_the_cluster_is_told_on_the_console()
    {
        _azure.OnCommand = words => Made(words, "Creating");
        var graph = Graph(AzureObservation.Nothing, report: TimeSpan.Zero);
        var step = graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);

        await Until(() => _console.Lines.Any(line => line.StartsWith("Cluster hello-cluster creating, ", StringComparison.Ordinal)));
        _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
        await step.WaitAsync(Patience);
    }

    [TestCase(192, "3 min 12 s")]
    [TestCase(7, "7 s")]
    [TestCase(3661, "61 min 1 s")]
    public void A_duration_reads_well(int seconds, string expected) => Assert.That(ResourceWatch.Clock(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [Test]
    public async Task Where_nothing_is_to_be_done_no_az_is_started()
    {
        var graph = Graph(Deployed.Observed());

        var outcomes = new List<string>();
        foreach (var step in Provision)
            outcomes.Add((await graph.ProvisionAsync(step, onlyBegin: false, _cancellation.Token)).Summary);

        Assert.That(_azure.Started, Is.Empty);
        Assert.That(outcomes[0], Is.EqualTo("unchanged: resource group hello-group, storage account hellostorage, file share ambrosia-logs"));
    }

    [Test]
    public async Task A_single_task_carries_out_its_own_part_and_the_group()
    {
        var graph = Graph(AzureObservation.Nothing, tasks: ["ProvisionAcr"]);

        await graph.ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token);

        Assert.That(_azure.Finished, Is.EqualTo(["group create", "acr create"]));
    }

    [Test]
    public async Task A_cluster_alone_tells_that_its_right_to_pull_waits_for_the_registry()
    {
        var graph = Graph(AzureObservation.Nothing, tasks: ["ProvisionAks"]);

        var outcome = await graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);

        Assert.That(_azure.Finished, Is.EqualTo(["group create", "aks create"]));
        Assert.That(outcome.Summary, Does.Contain("waits for the registry (--target=ProvisionAcr)"));
    }

    [Test]
    public async Task What_needs_a_part_that_failed_is_not_attempted_and_the_failure_is_told()
    {
        _azure.Refuse("storage account create", "ERROR: (StorageAccountAlreadyTaken) The storage account named hellostorage is already taken.");
        var graph = Graph(AzureObservation.Nothing);

        var error = (await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionStorage", onlyBegin: false, _cancellation.Token)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.AzureOperationFailed));
        Assert.That(error.Message, Does.Contain("already taken").And.Contain("choose another azure.storage.account"));
        Assert.That(_azure.Started, Does.Not.Contain("storage share-rm create"));
    }

    [Test]
    public async Task What_az_is_at_comes_to_its_end_before_a_failure_is_told()
    {
        var registry = _azure.Hold("acr create");
        var account = _azure.Hold("storage account create");
        var graph = Graph(AzureObservation.Nothing);
        var step = graph.ProvisionAsync("ProvisionStorage", onlyBegin: false, _cancellation.Token);

        await Until(() => _azure.Started.Contains("acr create") && _azure.Started.Contains("storage account create"));
        account.SetException(new BuildException(ErrorCode.AzureForbidden, "not allowed"));
        await Task.Delay(50); // time enough to be told too early
        Assert.That(step.IsCompleted, Is.False);
        registry.SetResult();

        await Assert.ThrowsAsync<BuildException>(() => step.WaitAsync(Patience));
        Assert.That(_azure.Finished, Does.Contain("acr create"));
    }

    [Test]
    public async Task Several_failures_are_told_together()
    {
        using var held = new Holds(_azure, "acr create", "storage account create");
        var graph = Graph(AzureObservation.Nothing);
        var step = graph.ProvisionAsync("ProvisionStorage", onlyBegin: false, _cancellation.Token);
        await Until(() => _azure.Started.Contains("acr create") && _azure.Started.Contains("storage account create"));
        held.Fail();

        var error = (await Assert.ThrowsAsync<BuildException>(() => step.WaitAsync(Patience)))!;

        Assert.That(error.Message, Does.Contain("2 changes in Azure failed"));
    }

    [Test]
    public async Task A_cluster_that_ends_in_Failed_is_an_error_with_Azures_words_and_a_cure()
    {
        _azure.OnCommand = words => Made(words, "Failed");
        var graph = Graph(AzureObservation.Nothing);

        var error = (await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token)))!;

        Assert.That(error.Message, Does.StartWith("AMB3005: The cluster hello-cluster ended in the state Failed.")
            .And.Contain($"az monitor activity-log list --resource-id {Names.Paths.Cluster} --status Failed --offset 1d --subscription {Names.Subscription}"));
    }

    [Test]
    public async Task A_refused_cluster_is_told_at_once_also_where_it_is_awaited_later()
    {
        _azure.Refuse("aks create", "ERROR: (ErrCode_InsufficientVCPUQuota) Insufficient vcpu quota requested 4, remaining 2");
        var graph = Graph(AzureObservation.Nothing);

        var error = (await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionAks", onlyBegin: true, _cancellation.Token)))!;

        Assert.That(error.Message, Does.Contain("Insufficient vcpu quota").And.Contain("azure.cluster.vmSize"));
    }

    [Test]
    public async Task An_operation_in_progress_is_awaited_and_the_command_given_again()
    {
        _azure.Set(Names.Paths.Registry, "Updating");
        _azure.Refuse("acr create", "ERROR: (OperationNotAllowed) Another operation (Updating) is in progress", times: 1);
        var reads = 0;
        _azure.BeforeRead = path =>
        {
            if (path == Names.Paths.Registry && ++reads == 3)
                _azure.Set(Names.Paths.Registry, "Succeeded");
            return Task.CompletedTask;
        };
        var graph = Graph(AzureObservation.Nothing);

        await graph.ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token).WaitAsync(Patience);

        Assert.That(reads, Is.GreaterThanOrEqualTo(3));
        Assert.That(_azure.Started.Count(words => words == "acr create"), Is.EqualTo(2));
    }

    [Test]
    public async Task Throttling_is_met_with_patience_that_ends()
    {
        _azure.Refuse("acr create", "ERROR: (TooManyRequests) The request is being throttled.");
        var graph = Graph(AzureObservation.Nothing);

        var error = (await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token)))!;

        Assert.That(_azure.Started.Count(words => words == "acr create"), Is.EqualTo(4));
        Assert.That(error.Code, Is.EqualTo(ErrorCode.AzureRequestFailed));
    }

    [Test]
    public async Task A_role_assignment_that_is_there_already_is_no_failure()
    {
        _azure.Refuse("role assignment create", "ERROR: (RoleAssignmentExists) The role assignment already exists.");

        var outcome = await Graph(AzureObservation.Nothing).ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);

        Assert.That(outcome.Summary, Does.Contain("AcrPull of cluster hello-cluster on hellocontainerreg assigned"));
    }

    [Test]
    public async Task A_cancellation_says_what_goes_on_in_the_cloud()
    {
        _azure.OnCommand = words => Made(words, "Creating");
        var graph = Graph(AzureObservation.Nothing);
        var step = graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);
        await Until(() => _azure.Finished.Contains("aks create"));

        await _cancellation.CancelAsync();

        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), () => step.WaitAsync(Patience));
        var farewells = _console.Lines.Where(line => line.Contains("Azure goes on with: ", StringComparison.Ordinal)).ToList();
        Assert.That(farewells, Has.Count.EqualTo(1), "said before the task ends, and once");
        Assert.That(farewells[0], Does.Contain("cluster hello-cluster (creating)"));
    }

    [Test]
    public async Task A_run_that_fails_elsewhere_says_at_its_end_what_goes_on_in_the_cloud()
    {
        _azure.OnCommand = words => Made(words, "Creating");
        var graph = Graph(AzureObservation.Nothing, tasks: [.. Provision, "Deploy"]);
        await graph.ProvisionAsync("ProvisionAks", onlyBegin: true, _cancellation.Token).WaitAsync(Patience);

        graph.Dispose(); // as the host does after a push, say, has failed

        Assert.That(_console.Lines, Has.One.Contains("Azure goes on with: ").And.One.Contains("cluster hello-cluster (creating)"));
    }

    [Test]
    public async Task What_was_refused_is_not_said_to_go_on()
    {
        _azure.Refuse("acr create", "ERROR: (AlreadyInUse) The registry DNS name is already in use.");
        var graph = Graph(AzureObservation.Nothing, tasks: ["ProvisionAcr"]);
        await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token));

        graph.Dispose();

        Assert.That(_console.Lines, Has.None.Contains("goes on"));
    }

    [Test]
    public async Task A_cluster_made_after_one_that_is_being_deleted_gets_the_right_for_its_own_identity()
    {
        const string Next = "66666666-6666-6666-6666-666666666666";
        var observed = Deployed.Observed();
        var reads = 0;
        _azure.Set(Names.Paths.Cluster, "Deleting", Deployed.Kubelet);
        _azure.BeforeRead = path =>
        {
            if (path == Names.Paths.Cluster && ++reads == 2)
                _azure.Set(Names.Paths.Cluster, null);
            return Task.CompletedTask;
        };
        _azure.OnCommand = words =>
        {
            if (words == "aks create")
                _azure.Set(Names.Paths.Cluster, "Succeeded", Next);
        };
        var graph = Graph(observed with { Cluster = observed.Cluster! with { Resource = observed.Cluster.Resource with { ProvisioningState = "Deleting" } } });

        await graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token).WaitAsync(Patience);

        Assert.That(_azure.Finished, Is.EqualTo(["aks create", "role assignment create"]));
        Assert.That(_azure.Arguments[^1], Does.Contain(Next).And.Not.Contain(Deployed.Kubelet));
    }

    [TestCase("Succeeded")]
    [TestCase("Failed")]
    public async Task A_deletion_that_Azure_gave_up_is_a_failure_and_not_a_long_wait(string state)
    {
        var observed = Deployed.Observed();
        _azure.Set(Names.Paths.Registry, state);
        var graph = Graph(observed with { Registry = observed.Registry! with { Resource = observed.Registry.Resource with { ProvisioningState = "Deleting" } } });

        var error = (await Assert.ThrowsAsync<BuildException>(
            () => graph.ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token).WaitAsync(Patience)))!;

        Assert.That(error.Message, Does.StartWith("AMB3005").And.Contain($"was being deleted and is there again, in the state {state}"));
        Assert.That(_azure.Started, Is.Empty);
    }

    [Test]
    public async Task A_cluster_that_readers_do_not_know_yet_is_awaited()
    {
        var reads = 0;
        _azure.OnCommand = _ => { };
        _azure.BeforeRead = path =>
        {
            if (path == Names.Paths.Cluster && ++reads == 3)
                _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
            return Task.CompletedTask;
        };

        var outcome = await Graph(AzureObservation.Nothing).ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token).WaitAsync(Patience);

        Assert.That(outcome.Summary, Does.Contain("cluster hello-cluster created"));
    }

    [Test]
    public async Task What_is_there_already_is_a_success_for_a_role_assignment_alone()
    {
        _azure.Refuse("acr create", "ERROR: Operation returned an invalid status 'OK'");

        await Assert.ThrowsAsync<BuildException>(
            () => Graph(AzureObservation.Nothing, tasks: ["ProvisionAcr"]).ProvisionAsync("ProvisionAcr", onlyBegin: false, _cancellation.Token));
    }

    [Test]
    public async Task Without_a_yes_nothing_begins()
    {
        var graph = Graph(AzureObservation.Nothing, refuses: true);

        await Assert.ThrowsAsync<BuildException>(() => graph.ProvisionAsync("ProvisionStorage", onlyBegin: false, _cancellation.Token));
        Assert.That(_azure.Started, Is.Empty);
    }

    [Test]
    public async Task A_part_in_the_making_is_awaited_and_then_changed()
    {
        var observed = Deployed.Observed(Deployed.WithCluster(cluster => cluster with { NodeCount = 1 }));
        _azure.Set(Names.Paths.Cluster, "Updating", Deployed.Kubelet);
        var graph = Graph(observed with { Cluster = observed.Cluster! with { Resource = observed.Cluster.Resource with { ProvisioningState = "Updating" } } });
        var step = graph.ProvisionAsync("ProvisionAks", onlyBegin: false, _cancellation.Token);

        Assert.That(_azure.Started, Is.Empty);
        _azure.Set(Names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
        await step.WaitAsync(Patience);

        Assert.That(_azure.Finished, Is.EqualTo(["aks scale"]));
    }

    private void Made(string words, string state)
    {
        if (words == "aks create")
            _azure.Set(Names.Paths.Cluster, state, Deployed.Kubelet);
    }

    private AzureChangeGraph Graph(AzureObservation observed, string[]? tasks = null, TimeSpan? report = null, bool refuses = false)
    {
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(Deployed.Default);
        var observer = Substitute.For<IAzureObserver>();
        observer.ObserveAsync(default).ReturnsForAnyArgs(Task.FromResult(observed));
        var scope = new RunScope(tasks ?? Provision);
        var timings = new AzureTimings(TimeSpan.FromMilliseconds(1), report ?? TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1), 3, Patience);
        var az = new AzCli(_azure);
        var watch = new ResourceWatch(_azure, _console, TimeProvider.System, timings);
        var writer = new AzureWriter(az, watch, _console, new SecretMask(), TimeProvider.System, timings);
        var principals = new ServicePrincipals(az, writer, _ => null);
        var plans = new AzurePlanSource(settings, observer, principals, scope);
        var platform = Substitute.For<IPlatform>();
        platform.PlanAsync(default).ReturnsForAnyArgs(async _ => new DeploymentPlan([.. (await plans.GetAsync(default)).Plan.Actions.Select(action => action.Row)], []));
        platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>([]));
        var confirmation = Substitute.For<IConfirmation>();
        if (refuses)
            confirmation.RequireAsync(default!, default).ReturnsForAnyArgs(Task.FromException(new BuildException(ErrorCode.ConfirmationMissing, "no")));
        var gate = new PlanGate(new Lazy<IPlatform>(platform), scope, confirmation, _console);
        var graph = new AzureChangeGraph(plans, gate, scope, writer, watch, principals, _console, TimeProvider.System);
        _made.Add(graph);
        return graph;
    }

    private static async Task Until(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!condition())
            await Task.Delay(2, limit.Token);
    }

    /// <summary>Several commands that are held until the test lets them go, or fails them.</summary>
    private sealed class Holds(FakeAzure azure, params string[] words) : IDisposable
    {
        private readonly TaskCompletionSource[] _gates = [.. words.Select(azure.Hold)];

        public void Release() => Array.ForEach(_gates, gate => gate.TrySetResult());

        public void Fail() => Array.ForEach(_gates, gate => gate.TrySetException(new BuildException(ErrorCode.AzureForbidden, "not allowed")));

        public void Dispose() => Release();
    }
}
