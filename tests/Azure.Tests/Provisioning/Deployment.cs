using System.Text.Json.Nodes;
using Ambrosia.Build;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using Cake.Core.Diagnostics;
using Cake.Core.Tooling;
using NSubstitute;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>A deployment in front of an emulator: each <see cref="Run"/> is one invocation of the suite, which knows nothing of those before.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private readonly EmulatorSession _session;
    private readonly ProcessRunner _processes;

    private Deployment(AzHost host)
    {
        Host = host;
        Mask = new SecretMask();
        _session = new EmulatorSession(host, Traffic, Mask);
        _processes = new ProcessRunner(new NullLog(), Substitute.For<IToolLocator>(), Mask, Journal, TimeProvider.System);
        Settings = new()
        {
            Platform = PlatformKind.Aks,
            PlatformReason = "test",
            ServiceName = "hello",
            LogDirectory = "/ambrosia_logs",
            Runtime = RuntimeKind.Own,
            Instances = [],
            Verify = new VerifySettings { Kind = VerifyKind.None, Rounds = 1, RoundBytes = 1, MaxMessageBytes = 1, Deadline = TimeSpan.FromMinutes(1) },
            Images = new ImageSettings("app", "app/Dockerfile", "linux/amd64", null, null),
            Kubernetes = new KubernetesSettings(null, null, "ambrosia", null, 16, null, null, null, "pull", "share"),
            Azure = new AzureSettings(
                host.Emulator.Options.SubscriptionId, "westeurope", "hello-group", new Dictionary<string, string>(),
                new AzureStorageSettings("hellostorage", "ambrosia-logs", 80, "Standard_LRS", "Hot", "fileShare"),
                new AzureRegistrySettings("helloregistry", "Standard", "managedIdentity", null),
                new AzureClusterSettings("hello-cluster", "Standard_D2s_v5", 2)),
        };
    }

    public AzHost Host { get; }

    public AzureEmulator Emulator => Host.Emulator;

    public BuildSettings Settings { get; set; }

    public CommandJournal Journal { get; } = new();

    public ArmTraffic Traffic { get; } = new();

    public SecretMask Mask { get; }

    public AzureSettings Azure
    {
        get => Settings.Azure!;
        set => Settings = Settings with { Azure = value };
    }

    public static async Task<Deployment> StartAsync(AzureEmulatorOptions? options = null) =>
        new(await AzHost.StartAsync(options));

    /// <summary>Tags that make a resource this deployment's.</summary>
    public Dictionary<string, string> Tags { get; } = new() { ["ambrosia-deployment"] = "hello" };

    /// <summary>Puts everything there as an earlier run would have left it.</summary>
    public void Plant(params string[] without)
    {
        var state = Emulator.State;
        state.AddGroup(Azure.ResourceGroup, tags: Tags);
        if (!without.Contains("account"))
        {
            var account = state.AddStorageAccount(Azure.ResourceGroup, Azure.Storage.Account, tags: Tags);
            account.MinimumTlsVersion = "TLS1_2";
            account.AllowBlobPublicAccess = false;
            account.AccessTier = "Hot";
            account.Properties["encryption"] = new JsonObject { ["keySource"] = "Microsoft.Storage", ["services"] = new JsonObject() };
            if (!without.Contains("share"))
                state.AddShare(Azure.Storage.Account, Azure.Storage.Share, Azure.Storage.QuotaGiB);
        }

        if (!without.Contains("registry"))
            state.AddRegistry(Azure.ResourceGroup, Azure.Registry.Name, "Standard", Tags);
        if (!without.Contains("cluster"))
            state.AddCluster(Azure.ResourceGroup, Azure.Cluster.Name, Azure.Cluster.VmSize, Azure.Cluster.NodeCount, Tags);
        if (!without.Contains("registry") && !without.Contains("cluster") && !without.Contains("assignment"))
            state.AddRoleAssignment(state.Registry(Azure.Registry.Name)!.Id, state.Cluster(Azure.Cluster.Name)!.KubeletObjectId, "AcrPull");
    }

    /// <summary>One invocation, with the tasks that it reaches.</summary>
    public Run Begin(params string[] tasks) => new(this, tasks.Length > 0 ? tasks : ["ProvisionStorage", "ProvisionAcr", "ProvisionAks"]);

    /// <summary>An invocation that provisions everything.</summary>
    public async Task<Run> ProvisionAsync(CancellationToken cancellation = default)
    {
        var run = Begin();
        await run.ProvisionAsync(cancellation);
        return run;
    }

    /// <summary>The az commands that were given since a count of the journal, without their options.</summary>
    public IEnumerable<string> CommandsSince(int count) => Host.Journal.Skip(count).Select(line => line.Split(" --")[0]);

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        _processes.Dispose();
        await Host.DisposeAsync();
    }

    /// <summary>One invocation of the suite.</summary>
    internal sealed class Run
    {
        private readonly AksLogStore _logStore;
        private readonly AksRegistry _registry;

        public Run(Deployment deployment, string[] tasks)
        {
            var settings = Substitute.For<ISettingsProvider>();
            settings.Settings.Returns(deployment.Settings);
            var time = TimeProvider.System;
            var timings = new AzureTimings(
                TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200), 6, TimeSpan.FromMinutes(2));
            var az = new AzCli(new HostRunner(deployment.Host, deployment._processes));
            var watch = new ResourceWatch(deployment._session, Console, time, timings);
            var writer = new AzureWriter(az, watch, Console, deployment.Mask, time, timings);
            var principals = new ServicePrincipals(az, writer, _ => null);
            var observer = new AzureObserver(deployment._session, settings);
            var scope = new RunScope(tasks);
            Plans = new AzurePlanSource(settings, observer, principals, scope);
            Gate = new PlanGate(new Lazy<IPlatform>(() => Platform), scope, Confirmation, Console);
            Graph = new AzureChangeGraph(Plans, Gate, scope, writer, watch, principals, Console, time);
            Pull = new PullCredentials(settings, writer, principals, watch, deployment.Mask);
            var state = new StateDirectory(settings, name => name == "XDG_STATE_HOME" ? Path.Combine(deployment.Host.Directory, "state") : null);
            var workload = new Lazy<AksWorkload>(() => new AksWorkload(null!, null!, null!, Workload)); // only Clean asks it here
            var access = new AksClusterAccess(deployment._session, az, new HostRunner(deployment.Host, deployment._processes), state, settings);
            Cleaner = new AzureCleaner(
                settings, observer, writer, watch, principals, workload, access, state, Confirmation, Console);
            _logStore = new AksLogStore(settings, Graph);
            _registry = new AksRegistry(settings, Graph, workload);
            Cluster = new AksCluster(Graph, scope, workload);
            Platform.PlanAsync(default).ReturnsForAnyArgs(async call => new DeploymentPlan(
                [.. (await Plans.GetAsync(call.Arg<CancellationToken>())).Plan.Actions.Select(action => action.Row)], []));
            Platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>([]));
            Workload.PlanAsync(default, default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<PlannedChange>>([]));
        }

        public IPlatform Platform { get; } = Substitute.For<IPlatform>();

        public IConfirmation Confirmation { get; } = Substitute.For<IConfirmation>();

        public IWorkloadCleaner Workload { get; } = Substitute.For<IWorkloadCleaner>();

        public RecordingConsole Console { get; } = new();

        public AzurePlanSource Plans { get; }

        public PlanGate Gate { get; }

        public AzureChangeGraph Graph { get; }

        public PullCredentials Pull { get; }

        public AzureCleaner Cleaner { get; }

        public AksCluster Cluster { get; }

        /// <summary>What each step said.</summary>
        public List<string> Outcomes { get; } = [];

        public async Task ProvisionAsync(CancellationToken cancellation = default)
        {
            Outcomes.Add((await _logStore.ProvisionAsync(cancellation)).Summary);
            Outcomes.Add((await _registry.ProvisionAsync(cancellation)).Summary);
            Outcomes.Add((await Cluster.ProvisionAsync(cancellation)).Summary);
        }

        public Task<StepOutcome> StorageAsync(CancellationToken cancellation = default) => _logStore.ProvisionAsync(cancellation);

        public Task<StepOutcome> RegistryAsync(CancellationToken cancellation = default) => _registry.ProvisionAsync(cancellation);

        public async Task<string> PlanAsync() => PlanText.Table(await Gate.ObserveAsync(default));

        public async Task<IEnumerable<(AzurePart, ChangeKind)>> ChangesAsync() =>
            (await Plans.GetAsync(default)).Plan.Actions.Where(action => action.IsWork || action.Row.Kind == ChangeKind.Conflict)
                .Select(action => (action.Part, action.Row.Kind)).ToList();

        public Task CleanAsync(CleanScope scope, bool force = false, bool noWait = false, CancellationToken cancellation = default) =>
            Cleaner.CleanAsync(new CleanOptions(scope, force, noWait), cancellation);
    }

    private sealed class NullLog : ICakeLog
    {
        public Verbosity Verbosity { get; set; }

        public void Write(Verbosity verbosity, LogLevel level, string format, params object[] args)
        {
        }
    }
}
