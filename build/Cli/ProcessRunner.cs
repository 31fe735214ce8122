using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Ambrosia.Build.Errors;
using Cake.Core.Diagnostics;
using Cake.Core.Tooling;

namespace Ambrosia.Build.Cli;

/// <inheritdoc cref="IProcessRunner"/>
public sealed class ProcessRunner : IProcessRunner, IDisposable
{
    private const int TailLines = 20;

    private readonly ICakeLog _log;
    private readonly IToolLocator _tools;
    private readonly ISecretMask _mask;
    private readonly CommandJournal _journal;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<ChildProcess, ProcessRequest> _living = new();

    public ProcessRunner(ICakeLog log, IToolLocator tools, ISecretMask mask, CommandJournal journal, TimeProvider clock)
    {
        _log = log;
        _tools = tools;
        _mask = mask;
        _journal = journal;
        _clock = clock;

        // Children do not die with their parent by themselves (cake-build/cake#4014), and Frosting may never dispose of its services.
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var watch = Stopwatch.StartNew();
        var started = _clock.GetUtcNow();
        await using var child = Launch(request, capture: true, holdInputOpen: false, out var line);
        await using var told = request.ToldAfter is { } patience
            ? _clock.CreateTimer(_ => TellWaiting(patience, line), null, patience, Timeout.InfiniteTimeSpan)
            : null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (request.Timeout is { } timeout)
            limit.CancelAfter(timeout);
        int? exitCode = null;
        try
        {
            exitCode = await child.Exit.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            await child.EndAsync();
            cancellation.ThrowIfCancellationRequested();
            throw TimedOut(request, child);
        }
        finally
        {
            _living.TryRemove(child, out _);
            _journal.Add(new CommandRecord(line, exitCode, started, watch.Elapsed));
        }

        if (exitCode != 0 && request.ThrowOnFailure)
            throw Failed(request, line, exitCode.Value, child);
        return new ProcessResult(exitCode.Value, child.Output, child.Error, watch.Elapsed);
    }

    public IRunningProcess Start(ProcessRequest request)
    {
        if (request.Timeout is not null)
            throw new ArgumentException("A process that lives until it is stopped has no timeout.", nameof(request));
        var watch = Stopwatch.StartNew();
        var started = _clock.GetUtcNow();
        var child = Launch(request, capture: false, holdInputOpen: true, out var line);
        _ = RecordAsync();
        return child;

        async Task RecordAsync()
        {
            await ((Task)child.Exit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _living.TryRemove(child, out _);
            int? exitCode = child.Exit.IsCompletedSuccessfully ? await child.Exit : null;
            _journal.Add(new CommandRecord(line, exitCode, started, watch.Elapsed));
        }
    }

    /// <summary>Kills whatever was started and still lives.</summary>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        KillAll();
    }

    private ChildProcess Launch(ProcessRequest request, bool capture, bool holdInputOpen, out string line)
    {
        foreach (var secret in request.Secrets)
            _mask.Add(secret);
        line = ShellLine.Format(request, _mask, OperatingSystem.IsWindows());
        var path = Resolve(request.FileName);
        _log.Write(Verbosity.Verbose, LogLevel.Verbose, "{0}", line);
        try
        {
            var child = new ChildProcess(request, path, EnvironmentOf(request), _mask, capture, holdInputOpen);
            _living[child] = request;
            return child;
        }
        catch (Win32Exception exception)
        {
            throw CannotStart(request, path, exception);
        }
    }

    /// <summary>On Windows az is az.cmd, and Cake's tool lookup (registrations, the ./artifacts/tools of cake.config, PATH) is what users of Cake know.</summary>
    private string Resolve(string tool)
    {
        if (System.IO.Path.IsPathFullyQualified(tool))
            return tool;
        if (tool.Contains(System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) || tool.Contains('/', StringComparison.Ordinal))
            throw new ArgumentException($"'{tool}' depends on the current directory; give a name or an absolute path.", nameof(tool));
        string[] names = OperatingSystem.IsWindows() ? [tool + ".exe", tool + ".cmd", tool + ".bat", tool] : [tool];
        return _tools.Resolve(names)?.FullPath
            ?? throw new BuildException(
                ErrorCode.ToolMissing, $"{tool} was not found.", "it is neither on PATH nor below ./artifacts/tools", ToolHints.For(tool));
    }

    private static Dictionary<string, string?> EnvironmentOf(ProcessRequest request)
    {
        var environment = request.Environment.ToDictionary(StringComparer.Ordinal);

        // Git Bash rewrites arguments such as /subscriptions/... into paths: Azure/azure-cli#14299.
        if (OperatingSystem.IsWindows())
            environment.TryAdd("MSYS_NO_PATHCONV", "1");
        return environment;
    }

    /// <summary>Without the inner exception: its text, shown at --verbosity=diagnostic, holds paths that nobody masked.</summary>
    private BuildException CannotStart(ProcessRequest request, string path, Win32Exception exception)
    {
        var shown = _mask.Mask(path);
        if (request.WorkingDirectory is { } directory && !Directory.Exists(directory))
        {
            return new BuildException(
                ErrorCode.ToolMissing, $"{shown} cannot start in {_mask.Mask(directory)}.", "the directory does not exist");
        }

        return File.Exists(path)
            ? new BuildException(
                ErrorCode.ToolMissing,
                $"{shown} cannot be started.",
                _mask.Mask((exception.InnerException ?? exception).Message),
                "check that it is an executable for this machine, and its permissions")
            : new BuildException(ErrorCode.ToolMissing, $"{shown} was not found.", remedy: ToolHints.For(shown));
    }

    private BuildException Failed(ProcessRequest request, string line, int exitCode, ChildProcess child) => new(
        ErrorCode.ToolFailed,
        string.Create(CultureInfo.InvariantCulture, $"{ToolName(request)} failed with exit code {exitCode}: {line}"),
        toolOutput: Tail(child));

    private BuildException TimedOut(ProcessRequest request, ChildProcess child) => new(
        ErrorCode.ToolTimedOut,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{ToolName(request)} did not end within {request.Timeout!.Value.TotalSeconds:0.###} s and was killed."),
        toolOutput: Tail(child));

    private string ToolName(ProcessRequest request) => System.IO.Path.GetFileName(_mask.Mask(request.FileName));

    /// <summary>The tool's own words: the end of its stderr, or of stdout where, as with dotnet build, the errors stand there.</summary>
    private string Tail(ChildProcess child)
    {
        var text = child.Error is { } error && !string.IsNullOrWhiteSpace(error) ? error : child.Output;
        return string.Join('\n', _mask.Mask(text).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').TakeLast(TailLines));
    }

    private void TellWaiting(TimeSpan patience, string line) => _log.Write(
        Verbosity.Normal, LogLevel.Information, "{0}", string.Create(CultureInfo.InvariantCulture, $"No answer for {patience.TotalSeconds:0.###} s, still waiting: {line}"));

    private void OnProcessExit(object? sender, EventArgs e) => KillAll();

    private void KillAll()
    {
        foreach (var child in _living.Keys)
            child.KillTree();
    }
}
