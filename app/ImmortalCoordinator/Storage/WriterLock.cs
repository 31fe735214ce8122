using System.ComponentModel;
using System.Runtime.InteropServices;
using Ambrosia.Coordinator.Native;
using Ambrosia.Coordinator.Options;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Storage;

/// <summary>Keeps every other writer away from a log directory, and says before each acknowledgement whether it still does.</summary>
internal interface IWriterLock : IDisposable
{
    /// <summary>False as soon as another writer may own the log: nothing may be acknowledged any more.</summary>
    bool MayAcknowledge { get; }
}

internal static class WriterLocks
{
    public static IWriterLock Acquire(LockKind kind, string directory) => kind switch
    {
        LockKind.Flock => FileLock.Acquire(Path.Combine(directory, "lock")),
        _ => throw new CoordinatorException(
            Codes.Usage, "--lock lease is not available in this version.", "It comes with network shares.", "Use --lock flock.", ExitCodes.Usage),
    };
}

/// <summary>
/// flock(2) on a file of the directory; the kernel releases it with the process. .NET's FileShare is no lock on Linux: it ignores many
/// errors of flock, so whether the lock really excludes is tried each time.
/// </summary>
internal sealed class FileLock : IWriterLock
{
    private readonly FileStream? _managed;
    private readonly SafeFileHandle? _file;

    private FileLock(SafeFileHandle? file, FileStream? managed) => (_file, _managed) = (file, managed);

    public bool MayAcknowledge => true;

    public static FileLock Acquire(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                // On Windows FileShare.None is mandatory and enforced by the kernel.
                return new FileLock(null, new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException)
            {
                throw Locked(path);
            }
        }

        var file = OpenForLock(path);
        if (!TryLock(file))
        {
            file.Dispose();
            throw Locked(path);
        }

        using (var second = OpenForLock(path))
        {
            if (TryLock(second))
            {
                file.Dispose();
                throw new CoordinatorException(
                    Codes.LockIneffective, $"The file system of {Path.GetDirectoryName(path)} does not exclude a second writer.",
                    "Two locks on the same file were both granted.", "Put the log directory on a file system with working flock(2).");
            }
        }

        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        return new FileLock(file, null);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _managed?.Dispose();
    }

    private static SafeFileHandle OpenForLock(string path) =>
        File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private static bool TryLock(SafeFileHandle file)
    {
        const int wouldBlock = 11;
        const int wouldBlockMac = 35;
        if (Libc.FLock((int)file.DangerousGetHandle(), Libc.LockExclusiveNonBlocking) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error is wouldBlock or wouldBlockMac
            ? false
            : throw new CoordinatorException(
                Codes.LockIneffective, "The log directory cannot be locked: " + new Win32Exception(error).Message,
                "Its file system has no flock(2).", "Put the log directory on a local disk.");
    }

    private static CoordinatorException Locked(string path)
    {
        string? owner = null;
        try
        {
            owner = File.ReadAllText(path).Trim();
        }
        catch (IOException)
        {
            // Windows refuses to read a file that another process holds: the message goes without the process id.
        }

        return new CoordinatorException(
            Codes.LogLocked, $"The log directory {Path.GetDirectoryName(path)} is in use by another coordinator{(owner is { Length: > 0 } ? $" (process {owner})" : "")}.",
            "Two coordinators must never write one log.", "Stop the other one, or give this one a directory of its own with --log.");
    }
}
