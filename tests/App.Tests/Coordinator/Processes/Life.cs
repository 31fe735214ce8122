using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Ambrosia.Binding;
using Ambrosia.Hosting;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>One life of an instance: a coordinator process, and an immortal in this process when it has one.</summary>
internal sealed class Life : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = Eventually.Deadline };

    private readonly Node _node;
    private readonly List<string> _lines = [];
    private readonly CancellationTokenSource _cancellation = new();
    private readonly Thread? _app;
    private readonly Task _read;

    public Life(Node node, string? killAt, Ledger? ledger, IEnumerable<string> more)
    {
        (_node, Ledger) = (node, ledger!);
        string[] command = [.. node.Wrapper, node.Program, .. node.Arguments(more)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (killAt is not null)
            start.Environment["AMBROSIA_TEST_KILL_AT"] = killAt;
        Process = Process.Start(start)!;
        _read = Task.Run(ReadLines);
        if (ledger is null)
            return;
        var options = new ImmortalOptions(node.Name, ReceivePort: node.SendPort, SendPort: node.ReceivePort);
        _app = new Thread(() => AppExitCode = new ImmortalSession(ledger, options, TextWriter.Null).Run(_ => { }, _cancellation.Token)) { IsBackground = true };
        _app.Start();
    }

    public Process Process { get; }

    public Ledger Ledger { get; }

    public int? AppExitCode { get; private set; }

    public string[] Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public string Output => string.Join('\n', Lines);

    /// <summary>Process ID of what the coordinator started.</summary>
    public int AppPid => int.Parse(Lines.First(line => line.Contains("App started: pid ", StringComparison.Ordinal)).Split(' ')[^1], CultureInfo.InvariantCulture);

    /// <summary>Waits for a line of the coordinator's; the process must live until then.</summary>
    public async Task<string> LineAsync(string part)
    {
        string? found = null;
        await Eventually.That(
            () => (found = Lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal))) is not null || _read.IsCompleted,
            () => $"no line \"{part}\" in:\n{Output}");
        found ??= Lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal));
        Assert.That(found, Is.Not.Null, $"no line \"{part}\" in:\n{Output}");
        return found!;
    }

    public async Task<int> ExitAsync()
    {
        try
        {
            await Process.WaitForExitAsync().WaitAsync(Eventually.Deadline);
            await _read.WaitAsync(Eventually.Deadline);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"it does not end:\n{Output}");
        }

        return Process.ExitCode;
    }

    public async Task<JsonElement> StatusAsync() => JsonDocument.Parse(await Http.GetStringAsync(Url("status"))).RootElement;

    public async Task<int> GetAsync(string path)
    {
        using var response = await Http.GetAsync(Url(path));
        return (int)response.StatusCode;
    }

    /// <summary>Asks for a checkpoint; false when it was not taken, or when nobody answered.</summary>
    public async Task<bool> CheckpointAsync()
    {
        try
        {
            using var response = await Http.PostAsync(Url("checkpoint"), null);
            return response.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    public async Task SignalAsync(string signal) => await SignalAsync(signal, Process.Id);

    /// <summary>
    /// SIGSTOP, and until all its threads stand still: one of them has to run to take note of the signal and stop the others, which on a busy
    /// machine go on until then (signal(7), "Signal disposition and action").
    /// </summary>
    public async Task PauseAsync()
    {
        await SignalAsync("STOP");
        await Eventually.That(
            () => Directory.GetDirectories($"/proc/{Process.Id.ToString(CultureInfo.InvariantCulture)}/task").All(IsStopped),
            () => $"it does not stand still:\n{Output}");
    }

    public static async Task SignalAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", ["-" + signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero, $"kill -{signal} {processId}");
    }

    /// <summary>SIGKILL, and the end of the immortal with it.</summary>
    public async Task KillAsync()
    {
        Process.Kill();
        await ExitAsync();
        await EndAppAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        var code = await ExitAsync();
        await EndAppAsync();
        return code;
    }

    /// <summary>Waits for the immortal's end, which the coordinator's brings about.</summary>
    public async Task EndAppAsync()
    {
        await _cancellation.CancelAsync();
        Ledger?.Gate.Set();
        if (_app is not null)
            Assert.That(await Task.Run(() => _app.Join(Eventually.Deadline)), Is.True, "the immortal does not end");
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
            Process.Kill(entireProcessTree: true);
        await Process.WaitForExitAsync();
        await EndAppAsync();
        if (Lines.Any(line => line.Contains("App started", StringComparison.Ordinal)))
            EndLeftover(AppPid);
        Process.Dispose();
        _cancellation.Dispose();
    }

    private static bool IsStopped(string thread)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(thread, "stat"));
            return text[text.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            return true; // The thread has ended.
        }
    }

    private static void EndLeftover(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill();
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            // It is gone, as it should be.
        }
    }

    private Uri Url(string path) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_node.HealthPort}/{path}"));

    private async Task ReadLines()
    {
        // Not to the end of the pipe: a killed coordinator's app holds it open a while longer.
        var exit = Process.WaitForExitAsync();
        while (true)
        {
            var line = Process.StandardError.ReadLineAsync();
            if (await Task.WhenAny(line, exit) == exit && await Task.WhenAny(line, Task.Delay(200)) != line)
                return;
            if (await line is not { } text)
                return;
            lock (_lines)
                _lines.Add(text);
        }
    }
}
