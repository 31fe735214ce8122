using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Ambrosia.Coordinator.Native;

namespace Ambrosia.Coordinator.AppChannel;

/// <summary>
/// Lets any app die with its coordinator, also one whose binding does not notice a closed connection (AMBROSIA's own does not look).
/// Only a process itself can ask the kernel for that (prctl(2), PR_SET_PDEATHSIG), and .NET runs nothing of ours between fork and exec.
/// So on Linux the coordinator starts this program once more, which asks, and then becomes the app: same process, same id.
/// </summary>
internal static class SharedFate
{
    /// <summary>Verb of this program, of no use to people: <c>exec-app COORDINATOR_PID APP ARGS…</c></summary>
    public const string Verb = "exec-app";

    private const int SetParentDeathSignal = 1;
    private const int SigPipe = 13;

    /// <summary>What a shell answers, too, for a command that it found and cannot execute.</summary>
    public const int CannotExecute = 126;

    /// <summary>The command that starts the app so, or the app's own where the system or our own path does not allow it.</summary>
    public static IReadOnlyList<string> Wrap(IReadOnlyList<string> app)
    {
        if (!OperatingSystem.IsLinux() || Environment.ProcessPath is not { } self)
            return app;
        string[] program = Path.GetFileNameWithoutExtension(self) == "dotnet" ? [self, Path.Combine(AppContext.BaseDirectory, typeof(SharedFate).Assembly.GetName().Name + ".dll")] : [self];
        return [.. program, Verb, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), .. app];
    }

    /// <summary>Why a command cannot be started, found out before anything is; null when nothing speaks against it.</summary>
    public static string? Problem(string command)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var candidates = command.Contains('/', StringComparison.Ordinal)
            ? [command]
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(directory => Path.Combine(directory, command));
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var problem = command.Contains('/', StringComparison.Ordinal) ? "there is no such file" : "no program of that name is on PATH";
        foreach (var path in candidates.Where(File.Exists))
        {
            if ((File.GetUnixFileMode(path) & execute) != 0)
                return null;
            problem = "it is not executable";
        }

        return problem;
    }

    /// <summary>Becomes the app. Returns only when that fails.</summary>
    public static int Become(string coordinator, string[] app, CoordinatorLog log)
    {
        _ = Libc.PrCtl(SetParentDeathSignal, Libc.SigKill, 0, 0, 0);

        // The coordinator may have died before the kernel was asked.
        if (!int.TryParse(coordinator, NumberStyles.None, CultureInfo.InvariantCulture, out var parent) || Libc.GetParentId() != parent)
            return ExitCodes.Restart;

        // .NET ignores SIGPIPE, and what is ignored stays so through exec.
        _ = Libc.Signal(SigPipe, 0);
        _ = Libc.ExecVp(app[0], [.. app, null]);
        log.Info($"{app[0]} cannot be executed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        return CannotExecute;
    }
}
