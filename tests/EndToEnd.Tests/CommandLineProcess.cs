using System.Diagnostics;
using System.Text;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>One run of the checkout's own build.sh, seen from outside.</summary>
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

    public static string Script { get; } = FindScript();

    /// <summary>The command lines of what runs from this checkout's published app.</summary>
    public static IReadOnlyList<string> RunningInstances()
    {
        var published = Path.Combine(Path.GetDirectoryName(Script)!, "artifacts", "publish", "app");
        var found = new List<string>();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                var file = $"/proc/{process.Id}/cmdline";
                try
                {
                    var commandLine = File.ReadAllText(file).Replace('\0', ' ');
                    if (commandLine.StartsWith(published, StringComparison.Ordinal))
                        found.Add(commandLine);
                }
                catch (IOException)
                {
                    // It ended meanwhile.
                }
            }
        }

        return found;
    }

    public string Output => Read(_output);

    public string Error => Read(_error);

    public static CommandLineProcess Start(string script, string directory, params string[] args) => new(
        new ProcessStartInfo(script, args) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true });

    public static async Task<(int ExitCode, string Output, string Error)> RunFrom(string script, string directory, params string[] args)
    {
        using var run = Start(script, directory, args);
        return (await run.Exit(TimeSpan.FromMinutes(3)), run.Output, run.Error);
    }

    public static Task<(int ExitCode, string Output, string Error)> Run(params string[] args) => RunFrom(Script, "/", args);

    public async Task<int> Exit(TimeSpan deadline)
    {
        using var timeout = new CancellationTokenSource(deadline);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal, by its name without SIG, to the process alone, as kill(1) does.</summary>
    public async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
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

    private static string FindScript()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Ambrosia.slnx")))
                return Path.Combine(directory.FullName, "build.sh");
        }

        throw new DirectoryNotFoundException("These tests run in a checkout.");
    }
}
