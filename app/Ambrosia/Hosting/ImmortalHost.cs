using System.Runtime.InteropServices;
using Ambrosia.Binding;

namespace Ambrosia.Hosting;

/// <summary>Runs an immortal in this process, under its coordinator.</summary>
public static class ImmortalHost
{
    /// <summary>
    /// Connects to the coordinator and runs until it goes away or the process is told to end; then the process exits, whatever a handler
    /// is doing. SIGINT is ignored: a terminal's Ctrl-C reaches the whole foreground group, and the coordinator decides the app's end.
    /// </summary>
    /// <returns>The exit code, one of <see cref="ExitCode"/>; the reason is on standard error.</returns>
    public static int Run(Immortal immortal, ImmortalOptions options)
    {
        ArgumentNullException.ThrowIfNull(immortal);
        ArgumentNullException.ThrowIfNull(options);
        using var sigint = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        if (!FateSharing.TieToParent(Environment.GetEnvironmentVariable(EnvironmentVariables.CoordinatorPid)))
        {
            Console.Error.WriteLine($"[{options.InstanceName}] ERROR: the coordinator is gone already");
            return ExitCode.CoordinatorGone;
        }

        return new ImmortalSession(immortal, options, Console.Error).Run(Environment.Exit, CancellationToken.None);
    }
}
