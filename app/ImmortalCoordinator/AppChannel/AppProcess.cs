using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Ambrosia.Coordinator.Native;
using Ambrosia.Hosting;

namespace Ambrosia.Coordinator.AppChannel;

/// <summary>The app as our child. Either's death ends both.</summary>
internal sealed class AppProcess(Options.RunOptions options, CoordinatorLog log, Action<Exception> fail) : IDisposable
{
    private readonly TaskCompletionSource<Process> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _ended = new();
    private volatile bool _stopping;
    private Process? _process;

    public int? Id => _process?.Id;

    /// <summary>
    /// Starts the app from a thread that lives as long as it does: on Linux an app may ask the kernel for a signal at its parent's death,
    /// and what counts there is the thread (prctl(2), PR_SET_PDEATHSIG).
    /// </summary>
    public void Start()
    {
        new Thread(Run) { Name = "app process", IsBackground = true }.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Returns when the app has ended and its end was reported, or after <paramref name="patience"/>.</summary>
    public void WaitForEnd(TimeSpan patience) => _ended.Wait(patience);

    /// <summary>Ends the app after a clean stop: SIGTERM, and SIGKILL when that does not help.</summary>
    public void Stop(TimeSpan patience)
    {
        _stopping = true;
        if (_process is null)
            return;
        if (!OperatingSystem.IsWindows())
            _ = Libc.Kill(_process.Id, Libc.SigTerm);
        if (_ended.Wait(patience))
            return;
        Kill();
        _ended.Wait(TimeSpan.FromSeconds(2));
    }

    public void Kill()
    {
        _stopping = true;
        try
        {
            _process?.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It was faster.
        }
    }

    public void Dispose() => _process?.Dispose();

    private void Run()
    {
        var command = SharedFate.Wrap(options.App);
        var start = new ProcessStartInfo(command[0]) { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);
        start.Environment[EnvironmentVariables.CoordinatorPid] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        start.Environment["AMBROSIA_INSTANCE_NAME"] = options.Instance;
        try
        {
            if (SharedFate.Problem(options.App[0]) is { } problem)
                throw new InvalidOperationException(problem);
            _process = Process.Start(start)!;
            _process.StandardInput.Close();
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            _started.SetException(new CoordinatorException(
                Codes.AppFailed, $"The app {options.App[0]} cannot be started: {error.Message}", null,
                "Check the path and that it may be executed. A program of your own has to be published first: add it to app/App.proj.", ExitCodes.NeedsPerson, error));
            return;
        }

        log.Info($"App started: pid {_process.Id}");
        _started.SetResult(_process);
        _process.WaitForExit();
        if (!_stopping)
        {
            fail(new CoordinatorException(
                Codes.AppFailed, $"The app exited with code {_process.ExitCode}.", "Its own output, above, says why.", null,
                _process.ExitCode is ExitCodes.Usage or SharedFate.CannotExecute ? ExitCodes.NeedsPerson : ExitCodes.Restart));
        }

        _ended.Set();
    }
}
