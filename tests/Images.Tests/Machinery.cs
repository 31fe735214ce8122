using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>What all tests here share: an engine, a registry, stand-ins for the base images, and a checkout to build from.</summary>
/// <remarks>Parallelizable, or else NUnit runs what needs the machine to itself first, and that waits for an image which nobody builds meanwhile.</remarks>
[SetUpFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class Machinery
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static Machinery? _current;

    private TemporaryDirectory? _directory;
    private SmallDisk? _disk;
    private DockerEngine? _engine;
    private RegistryServer? _registry;
    private TestCheckout? _checkout;

    internal static DockerEngine Engine => _current!._engine!;

    internal static RegistryServer Registry => _current!._registry!;

    internal static TestCheckout Checkout => _current!._checkout!;

    /// <summary>Where the engine keeps its images: small enough to be filled.</summary>
    internal static SmallDisk EngineDisk => _current!._disk!;

    internal static string Temporary => _current!._directory!.Path;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _current = this;
        using var limit = new CancellationTokenSource(Limit);
        DockerEngine.Require();
        _directory = new TemporaryDirectory();
        _disk = await SmallDisk.MountAsync(_directory["engine"], megabytes: 512, limit.Token);
        _engine = await DockerEngine.StartAsync(_disk.Path, limit.Token);
        _registry = await RegistryServer.StartAsync(null, anonymous: false, limit.Token);
        await StandInImages.ImportAsync(_engine, _directory.Path, limit.Token);
        _checkout = new TestCheckout(_directory["checkout"]);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_registry is not null)
            await _registry.DisposeAsync();
        if (_engine is not null)
            await _engine.DisposeAsync();
        if (_disk is not null)
            await _disk.DisposeAsync();
        _directory?.Dispose();
    }
}
