using System.Globalization;
using Ambrosia.Testing;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The built image at work: as two containers, killed, restricted, stopped.</summary>
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
        // A start by hand, as below, sets the count back.
        var restarts = int.Parse(await pair.InspectAsync(Pair.Job, "{{.RestartCount}}", cancellation), CultureInfo.InvariantCulture);
        Assert.That(restarts, Is.GreaterThanOrEqualTo(1), "the kill of the Job ended its container, and the engine restarted that");
        await Machinery.Engine.DockerAsync(cancellation, "kill", "--signal", "KILL", pair.Container(Pair.Job));
        await Machinery.Engine.DockerAsync(cancellation, "start", pair.Container(Pair.Job));

        Assert.That(await pair.ResultAsync(Expected, cancellation), Is.EqualTo((Expected, 0L)));
    }

    [Test]
    public async Task It_is_another_user_than_root_without_capabilities_on_a_read_only_file_system_and_stops_within_a_second(
        CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        using var logs = new TemporaryDirectory();
        await using var pair = await Pair.StartAsync(app.Reference, logs.Path, 1, 1 << 20, cancellation);
        Assert.That(await pair.ResultAsync(1 << 20, cancellation), Is.EqualTo((1L << 20, 0L)));

        var status = await pair.ExecAsync(Pair.Server, "while read -r line; do echo \"$line\"; done </proc/1/status; echo \"HOME=${HOME-none}\"", cancellation);
        Assert.That(status, Does.Match("Uid:\\s+1654\\s+1654\\s+1654\\s+1654").And.Match("CapEff:\\s+0{16}\n").And.Match("CapBnd:\\s+0{16}\n"));
        await Assert.ThrowsAsync<CommandFailedException>(() => pair.ExecAsync(Pair.Server, "echo x >/app/x", cancellation));

        var pids = await pair.ExecAsync(Pair.Server, "pidof Server; pidof ImmortalCoordinator; pidof Nobody || echo none", cancellation);
        Assert.That(pids, Does.Match("^[0-9]+\n1\nnone\n$"));
        Assert.That(await pair.ExecAsync(Pair.Job, "ImmortalCoordinator status --health-port 21503", cancellation), Does.StartWith("{"));
        Assert.That(await StopTimeAsync(pair, cancellation), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public async Task The_small_image_does_the_same_and_both_are_as_small_as_promised(CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        using (var push = new Suite(new SuiteOptions()))
            await push.Registry.PushAsync(cancellation);
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

    [Test]
    public async Task For_another_processor_it_is_built_without_an_emulator(CancellationToken cancellation)
    {
        // BuildKit looks for an image of another processor in registries alone.
        await using var open = await RegistryServer.StartAsync(null, anonymous: true, cancellation);
        var foreignBase = $"{open.Server}/foreign-base:1";
        await StandInImages.ImportEmptyAsync(Machinery.Engine, foreignBase, SuiteOptions.ForeignPlatform, Machinery.Temporary, cancellation);
        await Machinery.Engine.DockerAsync(cancellation, "push", foreignBase);
        var buildKit = DockerClient.WithBuildKit() ?? throw Tools.Missing("no docker client has BuildKit here: run tests/tools/install.sh as root");
        var options = new SuiteOptions { Platform = SuiteOptions.ForeignPlatform, BaseImage = foreignBase, ServiceName = "processor" };
        using var suite = new Suite(options with { Client = buildKit });
        var outcome = await suite.Registry.BuildAsync(cancellation);

        Assert.That(outcome.Summary, Does.Contain($"({SuiteOptions.ForeignPlatform}, "));
        var program = Path.Combine(suite.Publisher.ContextOf(SuiteOptions.ForeignPlatform), "app", "Job");
        // e_machine of the ELF header: AArch64 is 0xB7, x86-64 is 0x3E.
        Assert.That((await File.ReadAllBytesAsync(program, cancellation))[18], Is.EqualTo(SuiteOptions.ForeignPlatform == "linux/arm64" ? 0xB7 : 0x3E));
    }

    /// <summary>From SIGTERM to the end, by the engine's own clock; the quickest of three, for the machine has other work too.</summary>
    private static async Task<TimeSpan> StopTimeAsync(Pair pair, CancellationToken cancellation)
    {
        var container = pair.Container(Pair.Server);
        var best = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (attempt > 0)
            {
                await Machinery.Engine.DockerAsync(cancellation, "start", container);
                await AwaitReadyAsync(pair, cancellation);
            }

            var asked = DateTimeOffset.UtcNow;
            await Machinery.Engine.DockerAsync(cancellation, "stop", "--time", "30", container);
            var finished = DateTimeOffset.Parse(
                (await pair.InspectAsync(Pair.Server, "{{.State.FinishedAt}}", cancellation)).Trim(), CultureInfo.InvariantCulture);
            Assert.That((await pair.InspectAsync(Pair.Server, "{{.State.ExitCode}}", cancellation)).Trim(), Is.EqualTo("0"));
            best = finished - asked < best ? finished - asked : best;
        }

        TestContext.Progress.WriteLine($"stopped {best.TotalMilliseconds:0} ms after docker stop");
        return best;
    }

    private static async Task AwaitReadyAsync(Pair pair, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!(await StatusAsync()).StartsWith('{'))
            await timer.WaitForNextTickAsync(cancellation);

        async Task<string> StatusAsync()
        {
            try
            {
                return await pair.ExecAsync(Pair.Server, "ImmortalCoordinator status --health-port 21503", cancellation);
            }
            catch (CommandFailedException)
            {
                return "";
            }
        }
    }
}
