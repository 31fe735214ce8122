using System.Text.Json.Nodes;
using Ambrosia.Build;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Cli.Kubernetes;
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
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Emulators.Kubernetes;
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
            Instances =
            [
                new InstanceSettings("server", ["Server"], 21500, 21001, 21002, 1, 256),
                new InstanceSettings("client", ["Job"], 21500, 21001, 21002, 1, 256),
            ],
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

    /// <summary>What runs behind the API server of the cluster; null where no test looks into it.</summary>
    public KubernetesEmulator? Kubernetes { get; private set; }

    /// <summary>Where the suite keeps what it remembers of this deployment.</summary>
    public string StateDirectory => Path.Combine(Host.Directory, "state");

    /// <summary>Puts an emulated Kubernetes behind the planted cluster.</summary>
    public async Task StartKubernetesAsync()
    {
        Kubernetes = await KubernetesEmulator.StartAsync(new EmulatorOptions());
        var file = Path.Combine(Host.Directory, "kubernetes-admin");
        Kubernetes.WriteKubeconfig(file, Kubernetes.Admin, Azure.Cluster.Name);
        Emulator.State.Cluster(Azure.Cluster.Name)!.Kubeconfig = await File.ReadAllTextAsync(file);
        File.Delete(file);
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
        if (Kubernetes is not null)
            await Kubernetes.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>One invocation of the suite.</summary>
    internal sealed class Run
    {
        private readonly AksLogStore _logStore;
        private readonly AksRegistry _registry;
        private readonly KubernetesRoles _roles;
        private readonly KubectlCli _kubectl;
        private readonly BuildSettings _settings;

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
            var state = new StateDirectory(settings, name => name == "XDG_STATE_HOME" ? deployment.StateDirectory : null);
            var runner = new HostRunner(deployment.Host, deployment._processes);
            var access = new AksClusterAccess(deployment._session, az, runner, state, settings);
            var services = new ClusterServices(new KubectlCli(runner, deployment.Mask), runner, Console, deployment.Mask, time);
            var exchange = new AcrTokenExchange(deployment._session, deployment._session, deployment._session.Transport, deployment.Mask);
            Logins = new AcrLogins(
                new AcrAccess(deployment._session, az, exchange, settings, deployment.Mask, Pull), principals, access, services.Kubectl, Gate, settings,
                deployment._session, exchange, deployment.Mask, time);
            var volumes = new AzureLogVolumes(deployment._session, settings, deployment.Mask);
            var images = Substitute.For<IImageSource>();
            images.ResolveAsync(default).ReturnsForAnyArgs(new ContainerImage("registry.invalid/hello@sha256:" + new string('a', 64), false, false));
            var roles = new KubernetesRoles(access, images, volumes, Logins, Substitute.For<IStorageConnection>());
            if (deployment.Kubernetes is not null)
                Workload = new KubernetesWorkloadCleaner(settings, roles, new LogEraser(services.Kubectl, deployment.Mask, TimeProvider.System), services);
            var workload = new Lazy<AksWorkload>(() => new AksWorkload(null!, null!, null!, Workload)); // only Clean asks it here
            (_roles, _kubectl, _settings) = (roles, services.Kubectl, deployment.Settings);
            Cleaner = new AzureCleaner(
                settings, observer, writer, watch, principals, workload, access, state, Confirmation, Console);
            _logStore = new AksLogStore(settings, Graph);
            _registry = new AksRegistry(settings, Graph, workload);
            Cluster = new AksCluster(Graph, scope, workload);
            Platform.PlanAsync(default).ReturnsForAnyArgs(async call => new DeploymentPlan(
                [.. (await Plans.GetAsync(call.Arg<CancellationToken>())).Plan.Actions.Select(action => action.Row)], []));
            Platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>([]));
            if (deployment.Kubernetes is null)
                Workload.PlanAsync(default, default, default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<PlannedChange>>([]));
        }

        public IPlatform Platform { get; } = Substitute.For<IPlatform>();

        public IConfirmation Confirmation { get; } = Substitute.For<IConfirmation>();

        public AcrLogins Logins { get; }

        /// <summary>The real one where there is a Kubernetes behind the cluster.</summary>
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

        /// <summary>Applies the deployment's objects as Deploy does; does not wait for its pods.</summary>
        public async Task DeployAsync(CancellationToken cancellation = default)
        {
            await Gate.ApproveAsync(cancellation);
            await DeployAsync(await _roles.Registry.PullLoginAsync(cancellation), cancellation);
        }

        public async Task DeployAsync(RegistryLogin? login, CancellationToken cancellation = default)
        {
            var spec = new DeploymentSpec(
                _settings, await _roles.Images.ResolveAsync(cancellation), await _roles.Volumes.GetAsync(cancellation),
                await _roles.Volumes.ShareKeyAsync(cancellation), login, null);
            await _kubectl.ApplyAsync(
                await _roles.Access.GetAsync(cancellation), KubeObject.ToManifest(ManifestBuilder.Build(spec)), cancellation);
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
