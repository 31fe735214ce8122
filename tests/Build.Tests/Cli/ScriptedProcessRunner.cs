using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli;

/// <summary>One expected command and its answer. What is null is not compared.</summary>
public sealed record ScriptedCommand(string FileName, params string[] Arguments)
{
    public string? StandardInput { get; init; }

    /// <summary>Variables that the command must be given; it may be given more.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    public string? WorkingDirectory { get; init; }

    public int ExitCode { get; init; }

    public string Output { get; init; } = "";

    public string Error { get; init; } = "";

    /// <summary>Thrown instead of answering.</summary>
    public Exception? Throws { get; init; }

    /// <summary>Awaited before answering, with the caller's cancellation.</summary>
    public Func<ProcessRequest, CancellationToken, Task>? Before { get; init; }

    /// <summary>What <see cref="IProcessRunner.Start"/> hands out.</summary>
    public IRunningProcess? Process { get; init; }
}

/// <summary>
/// An <see cref="IProcessRunner"/> that plays a script: the commands must come in this order with exactly these argument vectors.
/// A command that is not in the script fails the test, and so does one that never came, when the runner is disposed of.
/// </summary>
public sealed class ScriptedProcessRunner(params ScriptedCommand[] script) : IProcessRunner, IDisposable
{
    private readonly Queue<ScriptedCommand> _expected = new(script);
    private readonly List<ProcessRequest> _requests = [];
    private readonly Lock _lock = new();
    private string? _mismatch;

    /// <summary>What was asked for, in order.</summary>
    public IReadOnlyList<ProcessRequest> Requests => _requests;

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var command = Next(request);
        if (command.Before is { } before)
            await before(request, cancellation);
        if (command.Throws is { } exception)
            throw exception;
        Replay(command.Output, request.OnOutputLine);
        Replay(command.Error, request.OnErrorLine);
        if (command.ExitCode != 0 && request.ThrowOnFailure)
        {
            throw new BuildException(
                ErrorCode.ToolFailed, $"{request.FileName} failed with exit code {command.ExitCode}.", toolOutput: command.Error);
        }

        return new ProcessResult(command.ExitCode, command.Output, command.Error, TimeSpan.Zero);
    }

    public IRunningProcess Start(ProcessRequest request)
    {
        var command = Next(request);
        if (command.Throws is { } exception)
            throw exception;
        Replay(command.Output, request.OnOutputLine);
        Replay(command.Error, request.OnErrorLine);
        return command.Process ?? throw new InvalidOperationException($"The script has no {nameof(ScriptedCommand.Process)} for {Show(request)}.");
    }

    /// <summary>Fails when the script was not played to its end, or was left.</summary>
    public void Verify()
    {
        lock (_lock)
        {
            if (_mismatch is not null)
                throw new AssertionException(_mismatch);
            if (_expected.Count > 0)
                throw new AssertionException("Never asked for:\n" + string.Join('\n', _expected.Select(command => "  " + Show(command))));
        }
    }

    public void Dispose() => Verify();

    private ScriptedCommand Next(ProcessRequest request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            if (!_expected.TryDequeue(out var command))
                throw Mismatch($"Not in the script: {Show(request)}");
            if (Difference(command, request) is { } difference)
                throw Mismatch($"{difference}\n  expected {Show(command)}\n  got      {Show(request)}");
            return command;
        }
    }

    private AssertionException Mismatch(string text)
    {
        _mismatch ??= text;
        return new AssertionException(text);
    }

    private static string? Difference(ScriptedCommand expected, ProcessRequest request)
    {
        if (expected.FileName != request.FileName)
            return "Another program:";
        if (!expected.Arguments.SequenceEqual(request.Arguments))
            return "Other arguments:";
        if (expected.StandardInput is { } input && input != request.StandardInput)
            return $"Other standard input: expected {Quote(input)}, got {Quote(request.StandardInput)}";
        if (expected.WorkingDirectory is { } directory && directory != request.WorkingDirectory)
            return $"Another working directory: expected {Quote(directory)}, got {Quote(request.WorkingDirectory)}";
        foreach (var (name, value) in expected.Environment ?? new Dictionary<string, string?>())
        {
            if (!request.Environment.TryGetValue(name, out var given) || given != value)
                return $"Another environment: expected {name}={Quote(value)}, got {Quote(given)}";
        }

        return null;
    }

    private static void Replay(string text, Action<string>? listener)
    {
        if (listener is null || text.Length == 0)
            return;
        foreach (var line in text.TrimEnd('\n').Split('\n'))
            listener(line);
    }

    private static string Show(ScriptedCommand command) => Show(command.FileName, command.Arguments);

    private static string Show(ProcessRequest request) => Show(request.FileName, request.Arguments);

    private static string Show(string fileName, IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote).Prepend(fileName));

    private static string Quote(string? text) => text is null ? "nothing" : $"[{text}]";
}
