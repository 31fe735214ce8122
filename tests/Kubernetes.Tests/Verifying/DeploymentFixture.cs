using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Testing;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Tooling;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>A performance test deployed to an emulated cluster, looked at by the suite's own services through the real kubectl of each supported end.</summary>
[TestFixture(31)]
[TestFixture(35)]
[CancelAfter(180_000)]
public abstract class DeploymentFixture(int minor)
{
    protected const string Ns = "ambrosia";
    protected const string Server = "perftestserver";
    protected const string Job = "perftestclient";
    protected const string ServerPod = "generated-perftestserver-0";
    protected const string JobPod = "generated-perftestclient-0";

    private readonly List<IDisposable> _owned = [];
    private string _home = "";
    private KubernetesEmulator? _cluster;

    internal KubernetesEmulator Cluster => _cluster!;

    internal RecordingConsole Screen { get; private set; } = new();

    internal ClusterServices Services { get; private set; } = null!;

    internal BuildSettings Settings { get; set; } = null!;

    internal ISettingsProvider SettingsProvider { get; private set; } = null!;

    internal KubernetesRoles Roles { get; private set; } = null!;

    internal RunReport Report { get; private set; } = null!;

    internal ClusterAccess Access { get; private set; } = null!;

    internal CommandJournal Journal { get; private set; } = null!;

    internal virtual EmulatorOptions Options => new();

    /// <summary>How much faster the suite's clock runs.</summary>
    protected virtual int Acceleration => 1;

    /// <summary>How far the suite's clock is ahead of the cluster's, where it runs faster.</summary>
    protected virtual TimeSpan Ahead => TimeSpan.Zero;

    [SetUp]
    public async Task StartAsync()
    {
        var kubectl = KubectlBinaries.Require(minor);
        _home = Directory.CreateTempSubdirectory("ambrosia-verify-").FullName;
        _cluster = await KubernetesEmulator.StartAsync(Options);
        var kubeconfig = System.IO.Path.Combine(_home, "kubeconfig");
        Access = new ClusterAccess(kubeconfig, "emulator", Ns);
        Act(_cluster.Admin);
        Journal = new CommandJournal();
        var mask = new SecretMask();
        var tools = Substitute.For<IToolLocator>();
        tools.Resolve(Arg.Any<IEnumerable<string>>()).Returns(FilePath.FromString(kubectl));
        tools.Resolve(Arg.Any<string>()).Returns(FilePath.FromString(kubectl));
        var runner = new Build.Cli.ProcessRunner(Substitute.For<ICakeLog>(), tools, mask, Journal, TimeProvider.System);
        _owned.Add(runner);
        var atHome = new HomeRunner(runner, _home);
        Screen = new RecordingConsole();
        TimeProvider time = Acceleration == 1 ? TimeProvider.System : new AcceleratedTime(Acceleration, Ahead);
        Services = new ClusterServices(new KubectlCli(atHome, mask), atHome, Screen, mask, time);
        Settings = PerformanceTest;
        SettingsProvider = Substitute.For<ISettingsProvider>();
        SettingsProvider.Settings.Returns(_ => Settings);
        Report = new RunReport(Journal, TimeProvider.System);
        Roles = MakeRoles();
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (TestContext.CurrentContext.Result.Outcome.Status == NUnit.Framework.Interfaces.TestStatus.Failed)
            TestContext.Out.WriteLine(Screen.Text);
        _owned.ForEach(each => each.Dispose());
        _owned.Clear();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        if (_home.Length > 0)
            Directory.Delete(_home, recursive: true);
    }

    /// <summary>From now on the suite is this user.</summary>
    internal void Act(Emulators.Kubernetes.Access.EmulatorUser user) => Cluster.WriteKubeconfig(Access.Kubeconfig, user, "emulator", Ns);

    internal SimulatedService Simulate(BuildSettings? settings = null)
    {
        var deployed = settings ?? Settings;
        return new SimulatedService(
            Cluster, Naming.Pod(deployed.Instances[0].Name), Naming.Pod(deployed.Instances[^1].Name), deployed.Verify.Rounds, deployed.Verify.RoundBytes);
    }

    /// <summary>Applies the deployment as Deploy does; does not wait for its pods.</summary>
    internal async Task DeployAsync(CancellationToken cancellation, BuildSettings? settings = null)
    {
        var spec = new DeploymentSpec(
            settings ?? Settings, await Roles.Images.ResolveAsync(cancellation), await Roles.Volumes.GetAsync(cancellation), null,
            await Roles.Registry.PullLoginAsync(cancellation), null);
        var objects = ManifestBuilder.Build(spec);
        if (Cluster.State.Get<k8s.Models.V1Namespace>("", Ns) is not null)
            objects = [.. objects.Where(item => item.Kind != "Namespace")];
        await Services.Kubectl.ApplyAsync(Access, KubeObject.ToManifest(objects), cancellation);
    }

    /// <summary>Applies another version of the Job, whose pod is a new one then.</summary>
    internal async Task ChangeAsync(CancellationToken cancellation)
    {
        Settings = Settings with
        {
            Instances = [Settings.Instances[0], Settings.Instances[1] with { TriggerSizeMiB = 99 }],
            Verify = Settings.Verify with { Deadline = TimeSpan.FromMinutes(30) },
        };
        await DeployAsync(cancellation);
    }

    internal async Task DeployReadyAsync(CancellationToken cancellation)
    {
        await DeployAsync(cancellation);
        await Cluster.State.WaitForReadyPodAsync(Ns, ServerPod, cancellation);
        await Cluster.State.WaitForReadyPodAsync(Ns, JobPod, cancellation);
    }

    /// <summary>Awaits what no object of the cluster shows.</summary>
    internal static async Task UntilAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (!condition())
            await Task.Delay(20, cancellation);
    }

    internal RolloutWaiter Rollout() => new(Services);

    internal LogEraser Eraser() => new(Services.Kubectl, Services.Mask, Services.Time);

    private static BuildSettings PerformanceTest => new()
    {
        Platform = PlatformKind.Kubernetes,
        PlatformReason = "--platform",
        ServiceName = "perftest",
        LogDirectory = "/ambrosia_logs",
        Runtime = RuntimeKind.Own,
        Instances =
        [
            new InstanceSettings(Server, ["Server", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", Job, "-s", Server], 21500, 21001, 21002, 1, 256),
            new InstanceSettings(Job, ["Job", "--sp", "{receivePort}", "--rp", "{sendPort}", "-j", Job, "-s", Server], 21500, 21001, 21002, 1, 256),
        ],
        Verify = new VerifySettings
        {
            Kind = VerifyKind.PerformanceTest,
            Rounds = 3,
            RoundBytes = 64L << 20,
            MaxMessageBytes = 65536,
            Deadline = TimeSpan.FromMinutes(2),
        },
        Images = new ImageSettings("app", "app/Dockerfile", "linux/amd64", null, null),
        Kubernetes = new KubernetesSettings("emulator", null, Ns, null, 1, "registry.invalid", null, null, "pull-secret", "share-secret"),
    };

    private KubernetesRoles MakeRoles()
    {
        var access = Substitute.For<IClusterAccess>();
        access.ExistsAsync(Arg.Any<CancellationToken>()).Returns(true);
        access.GetAsync(Arg.Any<CancellationToken>()).Returns(Access);
        var images = Substitute.For<IImageSource>();
        images.ResolveAsync(Arg.Any<CancellationToken>()).Returns(new ContainerImage("registry.invalid/perftest@sha256:" + new string('a', 64), false, false));
        var volumes = Substitute.For<ILogVolumeSource>();
        volumes.GetAsync(Arg.Any<CancellationToken>()).Returns(new LogVolumes.Claims(null, 1));
        volumes.ShareKeyAsync(Arg.Any<CancellationToken>()).Returns((string?)null);
        var registry = Substitute.For<IRegistryAccess>();
        registry.PullLoginAsync(Arg.Any<CancellationToken>()).Returns(new RegistryLogin("registry.invalid", "puller", "sentinel-of-the-registry"));
        var connection = Substitute.For<IStorageConnection>();
        connection.GetConnectionStringAsync(Arg.Any<CancellationToken>()).Returns((string?)null);
        return new KubernetesRoles(access, images, volumes, registry, connection);
    }
}
