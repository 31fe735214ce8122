using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Ambrosia.Coordinator.Native;

/// <summary>
/// As the first process of a container the coordinator is every orphan's parent, and has to take note of its end: nobody else can, and an
/// app that starts and forgets processes would fill the table of processes. .NET looks only after children that it started itself.
/// </summary>
internal sealed class OrphanReaper : IDisposable
{
    private const int NoWait = 1;
    private const int ParentField = 1;

    private readonly PosixSignalRegistration _childEnded;
    private readonly Func<int?> _ownChild;

    [UnsupportedOSPlatform("windows")]
    private OrphanReaper(Func<int?> ownChild)
    {
        _ownChild = ownChild;
        _childEnded = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Reap());
    }

    /// <param name="ownChild">The one child whose end .NET waits for.</param>
    /// <returns>Null where this process is not the first one.</returns>
    public static OrphanReaper? StartIfFirst(Func<int?> ownChild) =>
        OperatingSystem.IsLinux() && Environment.ProcessId == 1 ? new OrphanReaper(ownChild) : null;

    public void Dispose() => _childEnded.Dispose();

    private void Reap()
    {
        if (_ownChild() is not { } ownChild)
            return; // Not known yet, and there are no orphans before there is an app.
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && process != ownChild && IsEndedChild(directory))
                _ = Libc.WaitPid(process, 0, NoWait);
        }
    }

    private static bool IsEndedChild(string directory)
    {
        try
        {
            // proc(5): the second field, a name in brackets, may hold blanks.
            var text = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" && int.Parse(fields[ParentField], CultureInfo.InvariantCulture) == Environment.ProcessId;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException)
        {
            return false;
        }
    }
}
