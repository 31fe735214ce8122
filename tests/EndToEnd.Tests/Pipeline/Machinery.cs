using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>One Docker engine for all pipelines.</summary>
[SetUpFixture]
public sealed class Machinery
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static DockerEngine? _engine;

    internal static DockerEngine Engine => _engine!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        _engine = await DockerEngine.StartAsync(null, limit.Token);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
    }
}
