using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>What a coordinator refuses to do, with which code, and that it changed nothing.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class RefusalTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Node _node;

    public RefusalTests() => _node = new Node("srv", _directory);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task A_second_coordinator_on_the_same_log_is_refused_and_the_first_works_on()
    {
        await using var driver = new Driver(_node);
        var first = await _node.StartReadyAsync();
        await using var other = new Node("srv", _directory);
        Refused(await other.RunAsync(), 5102, "in use by another coordinator (process " + first.Process.Id + ")");

        driver.Note(10);
        await driver.AllAcknowledgedAsync(() => first.Output);
        await first.KillAsync();
        var second = await other.StartReadyAsync();
        Assert.That(second.Ledger.Received(Driver.Name), Is.EqualTo(10), "a killed owner's lock is free at once");
    }

    [Test]
    public async Task Another_state_version_is_refused_and_the_old_one_still_runs()
    {
        await WorkAsync();
        var before = Contents();
        Refused(await _node.RunAsync("--state-version", "2"), 5108, "with state version 1; this is sh with state version 2");
        Assert.That(Contents(), Is.EqualTo(before));

        Assert.That((await _node.StartReadyAsync()).Ledger.Received(Driver.Name), Is.EqualTo(100));
    }

    [Test]
    public async Task Another_instances_log_is_refused()
    {
        await WorkAsync();
        var before = Contents();
        await using var other = new Node("job", _directory, _node.Log);
        Refused(await other.RunAsync(), 5107, "belongs to instance srv, not to job");
        Assert.That(Contents(), Is.EqualTo(before));
    }

    [TestCase(0.3)]
    [TestCase(0.6)]
    [TestCase(0.98)]
    public async Task A_damaged_record_is_refused_and_nothing_is_changed(double place)
    {
        await WorkAsync();
        var log = Directory.GetFiles(_node.Log, "*.log").Single();
        var bytes = await File.ReadAllBytesAsync(log);
        bytes[(int)(bytes.Length * place)] ^= 0x20;
        await File.WriteAllBytesAsync(log, bytes);
        var before = Contents();
        var life = await _node.RunAsync();

        Refused(life, 5105, "which was acknowledged");
        Assert.That(life.Output, Does.Contain(log));
        Assert.That(Contents(), Is.EqualTo(before));
    }

    [Test]
    public async Task Records_without_their_checkpoint_are_refused()
    {
        await WorkAsync();
        File.Delete(Directory.GetFiles(_node.Log, "*.checkpoint").Single());
        Refused(await _node.RunAsync(), 5106, "There are log records but no checkpoint", expectedInMessage: false);
    }

    [TestCase(0)]
    [TestCase(20)]
    [TestCase(-1)]
    public async Task A_truncated_checkpoint_is_refused_and_nothing_is_changed(int length)
    {
        await WorkAsync();
        var checkpoint = Directory.GetFiles(_node.Log, "*.checkpoint").Single();
        var bytes = await File.ReadAllBytesAsync(checkpoint);
        await File.WriteAllBytesAsync(checkpoint, bytes[..(length < 0 ? bytes.Length + length : length)]);
        var before = Contents();
        Refused(await _node.RunAsync(), 5106, checkpoint);
        Assert.That(Contents(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_log_directory_that_cannot_be_made_is_refused()
    {
        await File.WriteAllTextAsync(_directory["file"], "");
        await using var node = new Node("srv", _directory, _directory["file/srv"]);

        Refused(await node.RunAsync(), 5103, "cannot be written");
    }

    [Test]
    public async Task A_full_disk_stops_it_and_nothing_acknowledged_is_lost()
    {
        var disk = Directory.CreateDirectory(_directory["disk"]).FullName;
        if (!await RunsAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk))
            throw Tools.Missing("A small tmpfs cannot be mounted here: run the tests as root, or in a container with CAP_SYS_ADMIN.");
        try
        {
            await using var node = new Node("srv", _directory, Path.Combine(disk, "srv"));
            await using var driver = new Driver(node);
            var life = await node.StartReadyAsync();
            driver.Note(6000, payload: 1000);
            Refused(await EndedAsync(life), 5104, "is full");
            var acknowledged = driver.Acknowledged;
            Refused(await node.RunAsync(), 5104, "is full");

            Assert.That(await RunsAsync("mount", "-o", "remount,size=64m", disk), Is.True);
            var next = await node.StartReadyAsync();
            Assert.That(next.Ledger.Received(Driver.Name), Is.GreaterThanOrEqualTo(acknowledged));
            await Eventually.That(() => next.Ledger.Received(Driver.Name) == 6000, () => next.Output);
            Assert.That((next.Ledger.OutOfOrder, driver.Fault), Is.EqualTo((0L, (string?)null)));
        }
        finally
        {
            await RunsAsync("umount", "--lazy", disk);
        }
    }

    [TestCase("listen", "for other coordinators")]
    [TestCase("receive", "the app's output")]
    [TestCase("health", "The health port")]
    public async Task A_port_in_use_is_refused_by_its_purpose(string which, string purpose)
    {
        var port = which switch { "listen" => _node.ListenPort, "receive" => _node.ReceivePort, _ => _node.HealthPort };
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, port));
        taken.Listen(1);

        Refused(await _node.RunAsync(), 5101, purpose);
    }

    [Test]
    public async Task The_apps_second_port_in_use_is_refused_when_it_is_needed()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, _node.SendPort));
        taken.Listen(1);

        // Not a ledger: that one would take the other program for its coordinator.
        var life = _node.Start();
        using var app = await RawApp.ConnectAsync(_node.ReceivePort);
        Refused(await EndedAsync(life), 5101, "the app's input");
    }

    [TestCase("run", "--instence", "srv")]
    [TestCase("rnu")]
    [TestCase("status")]
    public async Task A_bad_command_line_is_refused_with_64(params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(TestContext.CurrentContext.TestDirectory, "ImmortalCoordinator"), arguments) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Eventually.Deadline);
        await process.WaitForExitAsync().WaitAsync(Eventually.Deadline);

        Assert.That(process.ExitCode, Is.EqualTo(64));
        Assert.That(errors, Does.StartWith("[coordinator] ERROR AMB5111: ").And.Contain("[coordinator]   fix: "));
    }

    private static async Task<Life> EndedAsync(Life life)
    {
        await life.ExitAsync();
        await life.EndAppAsync();
        return life;
    }

    private static void Refused(Life life, int code, string what, bool expectedInMessage = true)
    {
        Assert.That(life.Process.ExitCode, Is.EqualTo(78), life.Output);
        Assert.That(life.Output, Does.Contain($"[coordinator] ERROR AMB{code}: ").And.Contain(what).And.Contain("[coordinator]   fix: "));
        if (expectedInMessage)
            Assert.That(life.Lines.First(line => line.Contains(" ERROR ", StringComparison.Ordinal)), Does.Contain(what));
    }

    private static async Task<bool> RunsAsync(string program, params string[] arguments)
    {
        if (Tools.Find(program) is not { } path)
            return false;
        using var process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardError = true })!;
        await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    private Dictionary<string, string> Contents() => _directory.Contents("lock");

    /// <summary>A hundred acknowledged messages behind the first checkpoint, and a crash.</summary>
    private async Task WorkAsync()
    {
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        for (var i = 0; i < 10; i++)
        {
            driver.Note(10, payload: 500);
            await driver.AllAcknowledgedAsync(() => life.Output);
        }

        await life.KillAsync();
    }
}
