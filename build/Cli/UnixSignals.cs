using System.Runtime.InteropServices;

namespace Ambrosia.Build.Cli;

/// <summary>Signals as kill(2) sends them: .NET has no SIGTERM, and does not tell whether its SIGKILL found anybody.</summary>
internal static partial class UnixSignals
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Linux's number; elsewhere it is another.</summary>
    private const int SigStop = 19;

    /// <summary>Asks process <paramref name="id"/> to end. Does nothing when it has ended.</summary>
    public static void Terminate(int id) => _ = Kill(id, SigTerm);

    /// <summary>Ends process <paramref name="id"/>; false when there is none.</summary>
    public static bool Kill(int id) => Kill(id, SigKill) == 0;

    /// <summary>Holds process <paramref name="id"/> where it is, on Linux; false when it has ended, or is another user's.</summary>
    public static bool Stop(int id) => Kill(id, SigStop) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int id, int signal);
}
