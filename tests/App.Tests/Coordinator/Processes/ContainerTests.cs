using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// The coordinator as a container runs it: the first process of its namespace, with a user that nobody knows, without capabilities, without an
/// environment, and with nothing that it may write to but its log directory.
/// </summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class ContainerTests : IAsyncDisposable
{
    // The runtime and the program may lie where that user cannot go, such as below a home directory: they are shown to it in another place.
    private const string Script = """
        set -e
        mount --bind "$1" "$1"
        mount --bind "$2" /etc/hosts
        mount -t tmpfs -o mode=0755 tmpfs /mnt
        mkdir /mnt/dotnet /mnt/app
        mount --bind "$3" /mnt/dotnet
        mount --bind "$4" /mnt/app
        mount -o remount,bind,ro /mnt
        mount -o remount,bind,ro /
        for writable in /tmp /var/tmp /dev/shm /run; do
          if mountpoint -q "$writable"; then mount -o remount,bind,ro "$writable"; fi
        done
        shift 4
        cd /
        exec setpriv --reuid 65532 --regid 65532 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
          env -i PATH=/usr/bin:/bin DOTNET_ROOT=/mnt/dotnet DOTNET_EnableDiagnostics=0 "$@"
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Node _node;

    public ContainerTests() => _node = new Node("srv", _directory);

    private string Hosts => _directory["hosts"];

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    [TestCase("--lock", "flock")]
    [TestCase("--lock", "lease", "--lease-duration", "2")]
    public async Task It_works_without_rights_recovers_from_a_kill_and_stops_within_a_second(params string[] options)
    {
        await ContainAsync();
        _node.Options.Clear();
        _node.Options.AddRange([.. options, "--health-host", "*"]);
        await using var driver = new Driver(_node);
        var life = await _node.StartReadyAsync();
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => life.Output);
        Assert.That(await life.CheckpointAsync(), Is.True);
        driver.Note(100);
        await driver.AllAcknowledgedAsync(() => life.Output);
        await Life.SignalAsync("KILL", FirstProcess(life));
        await life.ExitAsync();
        await life.EndAppAsync();

        var next = await _node.StartReadyAsync();
        Assert.That((next.Ledger.Received(Driver.Name), next.Ledger.OutOfOrder), Is.EqualTo((200L, 0L)));
        var clock = Stopwatch.StartNew();
        await Life.SignalAsync("TERM", FirstProcess(next));
        Assert.That(await next.ExitAsync(), Is.Zero, next.Output);
        await TestContext.Out.WriteLineAsync($"stopped in {clock.Elapsed.TotalSeconds:0.00} s");
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)), "what docker waits for before it kills");
        Assert.That(Directory.GetFiles(_node.Log, "*.tmp"), Is.Empty);
    }

    /// <summary>.NET itself reaps as the first process, though it does not say so: without that each orphan would keep its place for ever.</summary>
    [Test]
    public async Task Orphans_of_the_app_do_not_stay_behind_as_zombies()
    {
        await ContainAsync();
        _node.App = ["sh", "-c", $"for i in 1 2 3 4 5 6 7 8 9; do (sleep 0.2 &); done; sleep 1; touch {_node.Log}/slept; exec tail -f /dev/null"];
        var life = await _node.StartReadyAsync();
        await Eventually.That(() => File.Exists(Path.Combine(_node.Log, "slept")), () => life.Output);

        var first = FirstProcess(life);
        await Eventually.That(() => !Children(first).Any(child => child.State == "Z"), () => string.Join('\n', Children(first)));
        Assert.That((await life.StatusAsync()).GetProperty("state").GetString(), Is.EqualTo("primary"));
    }

    [Test]
    public async Task A_peer_whose_name_is_not_known_yet_is_reached_as_soon_as_it_is()
    {
        await ContainAsync();
        await using var peer = new Node("peer", _directory);
        peer.WithPeer(_node);
        _node.Options.AddRange(["--peer", string.Create(CultureInfo.InvariantCulture, $"peer=generated-peer:{peer.ListenPort}")]);
        var (life, other) = (await _node.StartReadyAsync(), await peer.StartReadyAsync());
        await using var driver = new Driver(_node);
        driver.Send(Ledger.SendNotes, Ledger.SendArguments("peer", 10, 10));
        await driver.AllAcknowledgedAsync(() => life.Output);
        await life.LineAsync("peer at generated-peer:");

        // In place: the file is mounted.
        await File.AppendAllTextAsync(Hosts, "127.0.0.1 generated-peer\n");
        await Eventually.That(() => other.Ledger.Received("srv") == 10, () => life.Output);
    }

    private static int FirstProcess(Life life) => Children(life.Process.Id).Single().Id;

    private static IEnumerable<(int Id, string State)> Children(int parent)
    {
        foreach (var directory in Directory.GetDirectories("/proc").Where(directory => char.IsAsciiDigit(Path.GetFileName(directory)[0])))
        {
            string text;
            try
            {
                text = File.ReadAllText(Path.Combine(directory, "stat"));
            }
            catch (IOException)
            {
                continue; // It ended.
            }

            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            if (fields[1] == parent.ToString(CultureInfo.InvariantCulture))
                yield return (int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture), fields[0]);
        }
    }

    private static async Task<bool> RunsAsync(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private async Task ContainAsync()
    {
        if (!await RunsAsync("unshare", "--mount", "--pid", "--fork", "--mount-proc", "setpriv", "--reuid", "65532", "--clear-groups", "true"))
            throw Tools.Missing("Namespaces cannot be made here: run the tests as root, with unshare and setpriv (package util-linux).");
        Directory.CreateDirectory(_node.Log);
        await File.WriteAllTextAsync(Hosts, "127.0.0.1 localhost\n");
        Assert.That(await RunsAsync("chown", "65532:65532", _node.Log), Is.True);
        Assert.That(await RunsAsync("chmod", "0755", _directory.Path), Is.True);
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory()).Parent!.Parent!.Parent!.FullName;
        _node.Wrapper =
        [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", Script, "sh", _node.Log, Hosts, runtime,
            Path.GetDirectoryName(_node.Program)!,
        ];
        _node.Program = "/mnt/app/ImmortalCoordinator";
    }
}
