using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The built image at work: as two containers, killed again and again.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class RunTests
{
    private const int Rounds = 6;
    private const long RoundBytes = 32L << 20;
    private const long Expected = Rounds * RoundBytes;

    [Test]
    public async Task Two_containers_survive_kills_of_container_app_and_coordinator_and_every_byte_arrives_once(CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        using var logs = new TemporaryDirectory();
        await using var pair = await Pair.StartAsync(app.Reference, logs.Path, Rounds, RoundBytes, cancellation);

        // A round that is over, and others to come: the work is in flight.
        await pair.AwaitAsync(Pair.Job, "*X* 65536", cancellation);
        await Machinery.Engine.DockerAsync(cancellation, "kill", "--signal", "KILL", pair.Container(Pair.Server));
        // docker kill counts as a stop by hand: only a start brings the container back.
        await Machinery.Engine.DockerAsync(cancellation, "start", pair.Container(Pair.Server));
        await pair.AwaitAsync(Pair.Job, "*X* 32768", cancellation);
        await pair.ExecAsync(Pair.Job, "kill -9 $(pidof Job)", cancellation);
        await pair.AwaitAsync(Pair.Job, "*X* 16384", cancellation);
        // The kill of the Job ends its container, and the engine restarts that. A start by hand, as below, sets the count back.
        await pair.AwaitRestartAsync(Pair.Job, cancellation);
        await Machinery.Engine.DockerAsync(cancellation, "kill", "--signal", "KILL", pair.Container(Pair.Job));
        await Machinery.Engine.DockerAsync(cancellation, "start", pair.Container(Pair.Job));

        Assert.That(await pair.ResultAsync(Expected, cancellation), Is.EqualTo((Expected, 0L)));
    }

    [Test]
    public async Task The_small_image_does_the_same_and_both_are_as_small_as_promised(CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        await BuiltApp.RequirePushedAsync(cancellation);
        var small = await SmallApp.RequireAsync(cancellation);
        using var suite = new Suite(SmallApp.Options);
        await suite.Registry.PushAsync(cancellation);
        using var logs = new TemporaryDirectory();
        await using (var pair = await Pair.StartAsync(small, logs.Path, 2, 4 << 20, cancellation))
        {
            await pair.AwaitAsync(Pair.Job, "*X* 65536", cancellation);
            await pair.ExecAsync(Pair.Server, "kill -9 $(pidof Server)", cancellation);
            Assert.That(await pair.ResultAsync(8 << 20, cancellation), Is.EqualTo((8L << 20, 0L)));
        }

        var layers = await Machinery.Registry.LayersAsync("perftest", app.Reference.Split(':')[^1], cancellation);
        var smallLayers = await Machinery.Registry.LayersAsync("small", small.Split(':')[^1], cancellation);
        TestContext.Progress.WriteLine(
            $"compressed bytes: default {string.Join(" + ", layers.Select(layer => layer.Size))}, small {string.Join(" + ", smallLayers.Select(layer => layer.Size))}");
        Assert.That(layers.Sum(layer => layer.Size), Is.LessThanOrEqualTo(60_000_000));
        Assert.That(smallLayers.Sum(layer => layer.Size), Is.LessThanOrEqualTo(15_000_000));
    }
}
