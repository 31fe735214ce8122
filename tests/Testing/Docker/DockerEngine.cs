using System.Diagnostics;

namespace Ambrosia.Testing.Docker;

/// <summary>
/// A Docker engine of the tests' own, with its own data and socket, so that no user's images are touched. One at a time on a machine: another
/// test process waits.
/// </summary>
public sealed class DockerEngine : IAsyncDisposable
{
    private const string Remedy = "run tests/tools/install.sh as root";

    private static readonly TimeSpan StartTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _directory;
    private readonly FileStream _turn;
    private readonly Process _daemon;
    private readonly List<string> _log = [];

    private DockerEngine(string directory, FileStream turn, Process daemon)
    {
        _directory = directory;
        _turn = turn;
        _daemon = daemon;
    }

    /// <summary>Value of DOCKER_HOST.</summary>
    public string Host => $"unix://{Socket}";

    /// <summary>Absolute path of the newest docker client of this machine.</summary>
    public string Client { get; } = Tools.Require("docker", Remedy);

    private string Socket => Path.Combine(_directory, "docker.sock");

    /// <summary>Skips the test, with the reason, where no engine can be started; fails it where CI=true.</summary>
    /// <returns>Absolute path of the daemon.</returns>
    public static string Require()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            throw Tools.Missing("a Docker engine of the tests' own needs Linux and root");
        Tools.Require("docker", Remedy);
        Tools.Require("iptables", Remedy);
        // Two engines share the firewall's chains, and the second one empties them.
        if (File.Exists("/var/run/docker.sock") && Environment.GetEnvironmentVariable("CI") != "true")
            throw Tools.Missing("this machine's own Docker engine runs, and would lose its networks' rules: stop it for these tests");
        return Tools.Require("dockerd", Remedy);
    }

    /// <param name="dataRoot">Where images lie; null for a directory of its own.</param>
    public static async Task<DockerEngine> StartAsync(string? dataRoot, CancellationToken cancellation)
    {
        var dockerd = Require();
        var turn = await TurnAsync(cancellation);
        var directory = Directory.CreateTempSubdirectory("ambrosia-docker-").FullName;
        var start = new ProcessStartInfo(dockerd) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[]
        {
            "--data-root", dataRoot ?? Path.Combine(directory, "data"),
            "--exec-root", Path.Combine(directory, "exec"),
            "--pidfile", Path.Combine(directory, "pid"),
            "--host", $"unix://{Path.Combine(directory, "docker.sock")}",
            // A network that a test makes needs neither docker0 nor a way out. It does need the engine's rules in the firewall: where an
            // engine has ever run, everything is dropped that no rule lets pass between two containers.
            "--bridge", "none", "--ip-masq=false", "--userland-proxy=false",
        })
            start.ArgumentList.Add(argument);
        start.Environment["TMPDIR"] = directory;
        var engine = new DockerEngine(directory, turn, new Process { StartInfo = start });
        engine.Listen();
        try
        {
            await engine.ReadyAsync(cancellation);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the docker client against this engine; a failure throws with its output.</summary>
    public Task<string> DockerAsync(CancellationToken cancellation, params string[] arguments) =>
        Command.RunAsync(Client, arguments, new Dictionary<string, string?> { ["DOCKER_HOST"] = Host }, cancellation);

    /// <summary>SIGTERM, and as long as it takes: a killed engine leaves mounts and shims behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_daemon.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _daemon.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            using var limit = new CancellationTokenSource(StopTime);
            await _daemon.WaitForExitAsync(limit.Token);
        }

        _daemon.Dispose();
        Directory.Delete(_directory, recursive: true);
        await _turn.DisposeAsync();
    }

    private static async Task<FileStream> TurnAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(Path.GetTempPath(), "ambrosia-docker-tests.lock");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await timer.WaitForNextTickAsync(cancellation);
            }
        }
    }

    private void Listen()
    {
        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (_log)
                _log.Add(line.Data ?? "");
        }

        _daemon.OutputDataReceived += Keep;
        _daemon.ErrorDataReceived += Keep;
        _daemon.Start();
        _daemon.BeginOutputReadLine();
        _daemon.BeginErrorReadLine();
    }

    private async Task ReadyAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pause);
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < StartTime; await timer.WaitForNextTickAsync(cancellation))
        {
            if (_daemon.HasExited)
                throw new InvalidOperationException($"dockerd ended with exit code {_daemon.ExitCode}:\n{Log()}");
            if (!File.Exists(Socket))
                continue;
            try
            {
                await DockerAsync(cancellation, "version");
                return;
            }
            catch (CommandFailedException)
            {
                // It listens before it answers.
            }
        }

        throw new TimeoutException($"dockerd did not answer within {StartTime.TotalSeconds} s:\n{Log()}");
    }

    private string Log()
    {
        lock (_log)
            return string.Join('\n', _log.TakeLast(20));
    }
}
