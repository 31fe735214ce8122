using System.Diagnostics;
using System.Text;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>A kubectl that runs; it is ended with this object.</summary>
internal sealed class RunningKubectl : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Task _reading;
    private readonly Task<string> _error;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunningKubectl(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Writes all of the standard input and closes it.</summary>
    public async Task WriteAsync(string text)
    {
        try
        {
            await _process.StandardInput.WriteAsync(text);
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // A command that failed before it read its input says why by itself.
        }
    }

    /// <summary>Waits until the standard output has a text in it.</summary>
    public async Task SawAsync(string text)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (true)
        {
            var more = _more.Task;
            lock (_output)
            {
                if (_output.ToString().Contains(text, StringComparison.Ordinal))
                    return;
            }

            if (_reading.IsCompleted)
                throw new InvalidOperationException($"kubectl ended without \"{text}\": {_output}{await _error}");
            await Task.WhenAny(more, _reading).WaitAsync(limit.Token);
        }
    }

    public async Task<KubectlResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        await _process.WaitForExitAsync(limit.Token);
        await _reading.WaitAsync(limit.Token);
        return new KubectlResult(_process.ExitCode, _output.ToString(), await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new char[4096];
        while (await _process.StandardOutput.ReadAsync(buffer) is > 0 and var count)
        {
            lock (_output)
                _output.Append(buffer, 0, count);
            var waiting = _more;
            _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.TrySetResult();
        }
    }
}
