using System.Diagnostics;
using System.Text;
using Ambrosia.Testing;

namespace Ambrosia.EndToEnd.Tests;

internal sealed record CommandLineResult(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n');

    /// <summary>For the message of a failed assertion.</summary>
    public string All => $"exit code {ExitCode}\n{Output}\n{Error}";
}

/// <summary>One run of build.sh, seen from outside. Its process leads a group of its own, as a terminal's foreground job does.</summary>
internal sealed class CommandLineProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private CommandLineProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <param name="environment">Added to the inherited one, of which AMBROSIA_ variables are left out; null removes.</param>
    public static CommandLineProcess Start(
        string script, string directory, IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        // setsid(1) becomes env(1), and that the program, so that its process id is the group's too. A background job of a shell, in which the tests
        // may run, ignores SIGINT, and so would all that it starts.
        var start = new ProcessStartInfo(Tools.Require("setsid", "install the package util-linux"), ["env", "--default-signal", script, .. args])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("AMBROSIA_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        return new CommandLineProcess(start);
    }

    public async Task<int> Exit(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    public async Task<CommandLineResult> Result(TimeSpan deadline) => new(await Exit(deadline), Output, Error);

    /// <summary>Sends a signal, by its name without SIG, to the process alone.</summary>
    public Task Signal(string name) => Kill(name, $"{_process.Id}");

    /// <summary>Sends a signal to the process and all its children, as a terminal does at Ctrl-C.</summary>
    public Task SignalGroup(string name) => Kill(name, $"-{_process.Id}");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static async Task Kill(string name, string target)
    {
        using var kill = Process.Start(Tools.Require("kill", "install the package procps"), ["-s", name, "--", target]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"kill -s {name} -- {target} ended with exit code {kill.ExitCode}.");
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null)
            return;
        lock (text)
            text.Append(line).Append('\n');
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
