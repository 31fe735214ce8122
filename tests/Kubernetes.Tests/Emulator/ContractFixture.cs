using Ambrosia.Emulators.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>An emulated cluster and the real kubectl of each supported end for each test.</summary>
[TestFixture(31)]
[TestFixture(35)]
public abstract class ContractFixture(int minor)
{
    private Kubectl? _kubectl;
    private KubernetesEmulator? _cluster;

    internal Kubectl Kubectl => _kubectl!;

    internal KubernetesEmulator Cluster => _cluster!;

    protected virtual EmulatorOptions Options => new();

    [SetUp]
    public async Task StartAsync()
    {
        _kubectl = new Kubectl(minor);
        _cluster = await KubernetesEmulator.StartAsync(Options);
        _cluster.WriteKubeconfig(_kubectl.Kubeconfig, _cluster.Admin, "emulator");
        _cluster.State.CreateNamespace("ambrosia");
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _kubectl?.Dispose();
    }

    internal Task<KubectlResult> ApplyAsync(string manifest, params IReadOnlyList<string> more) =>
        Kubectl.RunAsync(["apply", "--server-side", "--field-manager=ambrosia", .. more, "-f", "-"], manifest);

    /// <summary>Applies the StatefulSet web and waits for its pod.</summary>
    internal async Task<KubectlResult> DeployAsync(string name = "web")
    {
        var result = (await ApplyAsync(Manifests.List(Manifests.StatefulSet(name)))).Check();
        await Cluster.State.WaitForReadyPodAsync("ambrosia", $"{name}-0");
        return result;
    }
}
