using Ambrosia.Emulators.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>The deploying half of the suite and an emulated cluster, with the real kubectl of each supported end, for each test.</summary>
[TestFixture(31)]
[TestFixture(35)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class DeployFixture(int minor)
{
    /// <summary>The namespace of the deployment.</summary>
    protected const string Space = "ambrosia";

    /// <summary>The objects of its first instance.</summary>
    protected const string Server = "generated-helloserver";

    private DeployWorld? _world;

    internal DeployWorld World => _world!;

    protected virtual EmulatorOptions Options => new();

    [SetUp]
    public async Task StartAsync() => _world = await DeployWorld.StartAsync(minor, Options);

    [TearDown]
    public async Task StopAsync()
    {
        if (_world is not null)
            await _world.DisposeAsync();
    }
}
