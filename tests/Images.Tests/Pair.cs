using System.Globalization;
using System.Text.RegularExpressions;
using Ambrosia.Testing.Docker;

namespace Ambrosia.Images.Tests;

/// <summary>PerformanceTest as two containers on a network of their own, restricted as a pod is.</summary>
internal sealed partial class Pair : IAsyncDisposable
{
    public const string Server = "perftestserver";
    public const string Job = "perftestclient";

    private const string CoordinatorPort = "21500", ReceivePort = "21001", SendPort = "21002", HealthPort = "21503";

    // Of the image; bind-mounted directories must belong to it, as fsGroup sees to in a pod.
    private const int User = 1654;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _network;
    private readonly string _suffix = Guid.NewGuid().ToString("N")[..8];
    private readonly string _logs;

    private Pair(string logs)
    {
        _network = $"pair-{_suffix}";
        _logs = logs;
    }

    private static DockerEngine Engine => Machinery.Engine;

    public static async Task<Pair> StartAsync(string image, string logs, int rounds, long roundBytes, CancellationToken cancellation)
    {
        var pair = new Pair(logs);
        await Engine.DockerAsync(cancellation, "network", "create", pair._network);
        try
        {
            await pair.RunAsync(image, Server, Job, ["Server", "--sp", ReceivePort, "--rp", SendPort, "-j", Job, "-s", Server, "-n", "1", "-c"], cancellation);
            await pair.RunAsync(
                image, Job, Server,
                [
                    "Job", "--sp", ReceivePort, "--rp", SendPort, "-j", Job, "-s", Server, "--mms", "65536",
                    "-n", rounds.ToString(CultureInfo.InvariantCulture), "--round-bytes", roundBytes.ToString(CultureInfo.InvariantCulture), "-c",
                ],
                cancellation);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>The container of an instance.</summary>
    public string Container(string instance) => $"{instance}-{_suffix}";

    public Task<string> LogAsync(string instance, CancellationToken cancellation) => Engine.DockerAsync(cancellation, "logs", Container(instance));

    /// <summary>Waits until the instance's output contains a text; fails with what it wrote when the test's time is up.</summary>
    public async Task AwaitAsync(string instance, string text, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pause);
        var log = "";
        try
        {
            while (!(log = await LogAsync(instance, cancellation)).Contains(text, StringComparison.Ordinal))
                await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{instance} never wrote \"{text}\":\n{log}");
        }
    }

    /// <summary>Waits until the engine has restarted the instance's container by itself.</summary>
    public async Task AwaitRestartAsync(string instance, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while ((await InspectAsync(instance, "{{.RestartCount}}", cancellation)).Trim() == "0")
                await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{instance} was never restarted:\n{await LogAsync(instance, CancellationToken.None)}");
        }
    }

    /// <summary>Waits for the end of the work.</summary>
    /// <returns>The Server's last totals: bytes received and messages out of order.</returns>
    public async Task<(long Bytes, long OutOfOrder)> ResultAsync(long expected, CancellationToken cancellation)
    {
        await AwaitAsync(Job, "DONE", cancellation);
        await AwaitAsync(Server, $"Bytes received: {expected}", cancellation);
        await AwaitAsync(Server, "Out of order: ", cancellation);
        var log = await LogAsync(Server, cancellation);
        return (Last(BytesReceived(), log), Last(OutOfOrder(), log));
    }

    public Task<string> ExecAsync(string instance, string script, CancellationToken cancellation) =>
        Engine.DockerAsync(cancellation, "exec", Container(instance), "bash", "-c", script);

    public Task<string> InspectAsync(string instance, string format, CancellationToken cancellation) =>
        Engine.DockerAsync(cancellation, "inspect", "--format", format, Container(instance));

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in new[] { Job, Server })
        {
            try
            {
                await Engine.DockerAsync(CancellationToken.None, "rm", "--force", Container(instance));
            }
            catch (CommandFailedException)
            {
                // It was never made.
            }
        }

        await Engine.DockerAsync(CancellationToken.None, "network", "rm", _network);
    }

    private async Task RunAsync(string image, string instance, string peer, IEnumerable<string> app, CancellationToken cancellation)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_logs, instance)).FullName;
        await Command.RunAsync("chown", [$"{User}:{User}", directory], new Dictionary<string, string?>(), cancellation);
        await Engine.DockerAsync(
            cancellation,
            [
                "run", "--detach", "--name", Container(instance), "--network", _network, "--network-alias", instance,
                "--restart", "always", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
                "--volume", $"{directory}:/ambrosia_logs",
                image,
                "run", "--instance", instance, "--log", $"/ambrosia_logs/{instance}", "--listen", $"0.0.0.0:{CoordinatorPort}",
                "--peer", $"{peer}={peer}:{CoordinatorPort}", "--receive-port", ReceivePort, "--send-port", SendPort,
                "--health-port", HealthPort, "--trigger-size", "16", "--",
                .. app,
            ]);
    }

    private static long Last(Regex pattern, string log) => long.Parse(pattern.Matches(log)[^1].Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("Bytes received: ([0-9]+)")]
    private static partial Regex BytesReceived();

    [GeneratedRegex("Out of order: ([0-9]+)")]
    private static partial Regex OutOfOrder();
}
