using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Access;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Testing;
using Cake.Core.Tooling;
using NSubstitute;
using ProcessRunner = Ambrosia.Build.Cli.ProcessRunner;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>The deploying half of the suite, with the real kubectl and an emulated cluster. What a test changes takes effect in the next run.</summary>
internal sealed class DeployWorld : IAsyncDisposable
{
    public const string Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string OtherDigest = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    public const string Repository = "registry.invalid/hello";

    private readonly string _home = Directory.CreateTempSubdirectory("ambrosia-deploy-").FullName;
    private readonly RecordingLog _log = new();
    private readonly ProcessRunner _runner;

    private DeployWorld(int minor, KubernetesEmulator cluster)
    {
        Cluster = cluster;
        User = cluster.Admin;
        var tools = Substitute.For<IToolLocator>();
        tools.Resolve(Arg.Any<IEnumerable<string>>()).Returns(call =>
            call.Arg<IEnumerable<string>>().First() == "kubectl" ? new Cake.Core.IO.FilePath(KubectlBinaries.Require(minor)) : null);
        _runner = new ProcessRunner(_log, tools, Mask, new CommandJournal(), TimeProvider.System);
        Runner = new CountingRunner(_runner, _home);
        Kubectl = new KubectlCli(Runner, Mask);
        cluster.OnExec = (call, _) =>
        {
            Execs.Enqueue(call);
            return Task.FromResult(Exec(call));
        };
    }

    public KubernetesEmulator Cluster { get; }

    public EmulatorUser User { get; set; }

    public CountingRunner Runner { get; }

    public KubectlCli Kubectl { get; }

    public SecretMask Mask { get; } = new();

    public ConsoleLines Console { get; } = new();

    public System.Collections.Concurrent.ConcurrentQueue<ExecCall> Execs { get; } = new();

    /// <summary>How a command in a container ends.</summary>
    public Func<ExecCall, ExecResult> Exec { get; set; } = _ => new ExecResult(0, "{\"nextSequenceId\":1}\n");

    public ContainerImage Image { get; set; } = new($"{Repository}@{Digest}", false, false);

    /// <summary>True: the image does not exist before the plan is approved.</summary>
    public bool IsBuiltAfterPlan { get; set; }

    public LogVolumes Volumes { get; set; } = new LogVolumes.Claims(null, 1);

    public string? ShareKey { get; set; }

    public RegistryLogin? PullLogin { get; set; }

    public DeployOptions Options { get; set; } = new(false, false, null);

    /// <summary>False: a deployment is over when everything is applied.</summary>
    public bool AwaitsRollout { get; set; } = true;

    public BuildSettings Settings { get; set; } = SampleSettings.Hello;

    /// <summary>Everything that was logged, printed or given to a child as an argument.</summary>
    public string Surfaces =>
        string.Join('\n', [Console.Text, .. _log.Lines, .. Runner.Requests.SelectMany(request => request.Arguments)]);

    public ClusterAccess Access => new(Path.Combine(_home, "kubeconfig"), "emulator", Settings.Kubernetes.Namespace);

    public static async Task<DeployWorld> StartAsync(int minor, EmulatorOptions options)
    {
        _ = KubectlBinaries.Require(minor);
        return new DeployWorld(minor, await KubernetesEmulator.StartAsync(options));
    }

    /// <summary>A run of the target Deploy.</summary>
    public Task<StepOutcome> DeployAsync(CancellationToken cancellation = default)
    {
        var (deployer, _) = Compose();
        return deployer.DeployAsync(Options, cancellation);
    }

    /// <summary>What the target Clean does once it is allowed to.</summary>
    public Task CleanAsync(CleanScope scope, CancellationToken cancellation = default) => Cleaner().CleanAsync(scope, keepsShares: false, cancellation);

    /// <summary>The same where whoever asks has emptied the share by other means.</summary>
    public async Task CleanLogsOfEmptiedShareAsync(CancellationToken cancellation = default)
    {
        var cleaner = Cleaner();
        await cleaner.CleanAsync(CleanScope.Logs, keepsShares: true, cancellation);
        await cleaner.ForgetLogCodeAsync(cancellation);
    }

    private KubernetesWorkloadCleaner Cleaner() => new(
        KnownSettings(), Roles(), new LogEraser(Kubectl, Mask, TimeProvider.System), new ClusterServices(Kubectl, Runner, Console, Mask, TimeProvider.System));

    /// <summary>A run of the target Plan.</summary>
    public async Task<DeploymentPlan> PlanAsync(CancellationToken cancellation = default)
    {
        var (_, planner) = Compose();
        return new DeploymentPlan((await planner.PlanAsync(cancellation)).Changes, []);
    }

    /// <summary>The requests that change something, in their order, as "PATCH statefulsets/generated-a".</summary>
    public IEnumerable<string> Mutations() => Cluster.Requests
        .Where(request => request.Method is "PATCH" or "POST" or "PUT" or "DELETE" && !request.Path.Contains("/exec", StringComparison.Ordinal))
        .Where(request => !request.Path.Contains("/selfsubject", StringComparison.Ordinal)) // questions about who asks
        .Where(request => !request.Query.Contains("dryRun=All", StringComparison.Ordinal))
        .Select(request => $"{request.Method} {string.Join('/', request.Path.Split('/')[^2..])}");

    public async ValueTask DisposeAsync()
    {
        _runner.Dispose();
        await Cluster.DisposeAsync();
        Directory.Delete(_home, recursive: true);
    }

    private (ClusterDeployer Deployer, DeploymentPlanner Planner) Compose()
    {
        Cluster.WriteKubeconfig(Access.Kubeconfig, User, Access.Context);
        var (settings, roles) = (KnownSettings(), Roles());
        var planner = new DeploymentPlanner(settings, roles, new ClusterObserver(Kubectl), Mask, () => Options, TimeProvider.System);
        var platform = Substitute.For<IPlatform>();
        platform.PlanAsync(default).ReturnsForAnyArgs(async call => new DeploymentPlan((await planner.PlanAsync(call.Arg<CancellationToken>())).Changes, []));
        platform.DiagnoseAsync(default).ReturnsForAnyArgs([]);
        var gate = new PlanGate(new Lazy<IPlatform>(platform), new RunScope(["Deploy"]), Substitute.For<IConfirmation>(), Console);
        var services = new ClusterServices(Kubectl, Runner, Console, Mask, TimeProvider.System);
        var deployer = new ClusterDeployer(
            roles, gate, planner, Kubectl, new Checkpoints(Kubectl, Console, Mask), new LogEraser(Kubectl, Mask, TimeProvider.System), new Registrar(Runner, Mask, Console),
            AwaitsRollout ? new RolloutWaiter(services).WaitAsync : (_, _, _) => Task.CompletedTask, Console);
        return (deployer, planner);
    }

    private ISettingsProvider KnownSettings()
    {
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(Settings);
        return settings;
    }

    private KubernetesRoles Roles()
    {
        var access = Substitute.For<IClusterAccess>();
        access.ExistsAsync(default).ReturnsForAnyArgs(true);
        access.GetAsync(default).ReturnsForAnyArgs(Access);
        var asked = 0;
        var images = Substitute.For<IImageSource>();
        images.ResolveAsync(default).ReturnsForAnyArgs(_ => IsBuiltAfterPlan && ++asked == 1
            ? throw new BuildException(ErrorCode.ImageNotFound, "The image is not built yet.")
            : Image);
        var volumes = Substitute.For<ILogVolumeSource>();
        volumes.GetAsync(default).ReturnsForAnyArgs(Volumes);
        volumes.ShareKeyAsync(default).ReturnsForAnyArgs(ShareKey);
        var registry = Substitute.For<IRegistryAccess>();
        registry.PullLoginAsync(default).ReturnsForAnyArgs(PullLogin);
        return new KubernetesRoles(access, images, volumes, registry, Substitute.For<IStorageConnection>());
    }
}
