using System.Runtime.InteropServices;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build;

/// <summary>
/// Turns signals into a cancellation, since Frosting has no handling of its own (cake-build/cake#4014). The first signal lets the
/// host unwind through Finally and Teardown; a second one kills what is left and ends the process.
/// </summary>
public sealed class SignalShutdown : IShutdown, IDisposable
{
    private readonly Announcements _announcements;
    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<PosixSignalRegistration> _registrations;
    private int _exitCode;

    public SignalShutdown(Announcements announcements)
    {
        _announcements = announcements;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context, 130, "Ctrl-C")),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context, 143, "SIGTERM")),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Handle(context, 143, "SIGHUP")),
        ];
    }

    public CancellationToken Token => _stop.Token;

    public int? ExitCode => Volatile.Read(ref _exitCode) is var code and not 0 ? code : null;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Handle(PosixSignalContext context, int exitCode, string signal)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) == 0)
        {
            _announcements.Tell($"Cancelled by {signal}: stopping what runs. Once more stops it at once.");
            _stop.Cancel();
            return;
        }

        // A terminal that closes sends SIGHUP beside the signal that was asked for: that is not a person's second wish.
        if (context.Signal == PosixSignal.SIGHUP)
            return;
        ProcessTree.Freeze(Environment.ProcessId).KillSurvivors();
        Environment.Exit(_exitCode);
    }
}
