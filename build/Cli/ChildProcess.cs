using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text;
using CliWrap;

namespace Ambrosia.Build.Cli;

/// <summary>A started child: its output pumped, its end observed, its tree ended with it.</summary>
internal sealed class ChildProcess : IRunningProcess
{
    /// <summary>A descendant that inherited the pipes can keep them open after the child has ended; this long is listened to silence.</summary>
    private static readonly TimeSpan DrainSilence = TimeSpan.FromSeconds(1);

    /// <summary>And this long in all to a descendant that goes on talking.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    /// <summary>SIGKILL works at once, but for a process stuck in the kernel; nobody waits longer for one.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    /// <summary>Of Linux; so much can be there at once.</summary>
    private const int PipeCapacity = 64 * 1024;

    private readonly ISecretMask _mask;
    private readonly CancellationTokenSource _closeInput = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _delivery = new();
    private readonly StringBuilder? _output;
    private readonly StringBuilder? _error;
    private Process? _process;
    private ExceptionDispatchInfo? _listenerFailure;

    /// <param name="capture">Keep the whole output; never for a child that lives long.</param>
    /// <param name="holdInputOpen">Standard input ends when the child is stopped or we die, instead of after the text.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The system cannot start the program.</exception>
    public ChildProcess(
        ProcessRequest request, string path, IReadOnlyDictionary<string, string?> environment, ISecretMask mask, bool capture, bool holdInputOpen)
    {
        _mask = mask;
        if (capture)
        {
            _output = new StringBuilder();
            _error = new StringBuilder();
        }

        var command = new Command(path)
            .WithArguments(request.Arguments)
            .WithEnvironmentVariables(environment)
            .WithValidation(CommandResultValidation.None)
            .WithStandardInputPipe(Input(request.StandardInput, holdInputOpen))
            .WithStandardOutputPipe(Pump(_output, request.OnOutputLine))
            .WithStandardErrorPipe(Pump(_error, request.OnErrorLine));
        if (request.WorkingDirectory is { } directory)
            command = command.WithWorkingDirectory(directory);

        // CliWrap's own cancellation is not used: its gentle form is SIGINT, which children of ours ignore, and its forceful one
        // throws the output away.
        var running = command.ExecuteAsync(static _ => { }, Observe, CancellationToken.None, CancellationToken.None);
        Id = running.ProcessId;
        Exit = WaitAsync(running);
    }

    public int Id { get; }

    public Task<int> Exit { get; }

    public string Output => _output?.ToString() ?? "";

    public string Error => _error?.ToString() ?? "";

    public async Task<int> StopAsync(TimeSpan grace)
    {
        if (_ended.Task.IsCompleted)
            return await Exit;

        var tree = ProcessTree.Snapshot(Id);
        if (OperatingSystem.IsWindows())
            await _closeInput.CancelAsync();
        else
            UnixSignals.Terminate(Id);

        try
        {
            await _ended.Task.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            KillTree();
        }

        await _ended.Task.WaitAsync(KillLimit);
        tree.KillSurvivors();
        return await Exit;
    }

    public void KillTree()
    {
        if (_process is { } process && !_ended.Task.IsCompleted)
            ProcessTree.Kill(process);
    }

    /// <summary>Kills the tree and waits until it is gone, without a complaint about how it ended.</summary>
    public async Task EndAsync()
    {
        KillTree();
        await Task.WhenAny(Exit, Task.Delay(KillLimit));
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (Exit.IsCompleted)
            _closeInput.Dispose();
        _ = Exit.Exception;
    }

    private void Observe(Process process)
    {
        _process = process;
        _ = CompleteAsync(process.WaitForExitAsync());

        async Task CompleteAsync(Task end)
        {
            await end.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ended.TrySetResult();
        }
    }

    private async Task<int> WaitAsync(CommandTask<CommandResult> running)
    {
        var result = await running;
        _ended.TrySetResult();
        _listenerFailure?.Throw();
        return result.ExitCode;
    }

    private PipeSource Input(string? text, bool holdOpen) => PipeSource.Create(async (stream, cancellation) =>
    {
        if (text is { Length: > 0 })
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
            await stream.FlushAsync(cancellation);
        }

        if (!holdOpen)
            return;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closeInput.Token);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    });

    private PipeTarget Pump(StringBuilder? capture, Action<string>? listener) => PipeTarget.Create(async (stream, cancellation) =>
    {
        // Never on the thread that starts the child: a listener may wait for what only that thread does.
        await Task.Yield();
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lines = listener is null ? null : new LineSplitter(line => Deliver(line, listener));
        var decoder = Encoding.UTF8.GetDecoder();
        var bytes = new byte[PipeCapacity];
        var characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var sinceEnd = new Stopwatch();
        int length;
        do
        {
            var read = stream.ReadAsync(bytes, abandon.Token).AsTask();
            if (!await HasComeAsync(read, sinceEnd))
            {
                await abandon.CancelAsync();
                _ = read.ContinueWith(static task => task.Exception, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                break;
            }

            length = await read;
            var count = decoder.GetChars(bytes, 0, length, characters, 0, flush: length == 0);
            capture?.Append(characters, 0, count);
            lines?.Write(characters.AsSpan(0, count));
        }
        while (length > 0);
        lines?.Complete();
    });

    private async Task<bool> HasComeAsync(Task<int> read, Stopwatch sinceEnd)
    {
        await Task.WhenAny(read, _ended.Task);
        if (_ended.Task.IsCompleted)
        {
            sinceEnd.Start();
            if (sinceEnd.Elapsed > DrainLimit)
                return read.IsCompleted && await read == 0;
        }

        if (!read.IsCompleted)
            await Task.WhenAny(read, Task.Delay(DrainSilence));
        return read.IsCompleted;
    }

    private void Deliver(string line, Action<string> listener)
    {
        lock (_delivery)
        {
            if (_listenerFailure is not null)
                return;
            try
            {
                listener(_mask.Mask(line));
            }
#pragma warning disable CA1031 // Whatever a listener throws must not stop the pump: the child would block on a full pipe for ever.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _listenerFailure = ExceptionDispatchInfo.Capture(exception);
                KillTree();
            }
        }
    }
}
