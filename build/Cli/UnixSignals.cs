using System.Runtime.InteropServices;

namespace Ambrosia.Build.Cli;

/// <summary>The one signal .NET cannot send by itself.</summary>
internal static partial class UnixSignals
{
    private const int SigTerm = 15;

    /// <summary>Asks process <paramref name="id"/> to end. Does nothing when it has ended.</summary>
    public static void Terminate(int id) => _ = Kill(id, SigTerm);

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int id, int signal);
}
