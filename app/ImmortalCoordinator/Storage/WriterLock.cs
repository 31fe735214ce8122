using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Ambrosia.Coordinator.Native;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Storage;

/// <summary>Keeps every other writer away from a log directory, and says before each acknowledgement whether it still does.</summary>
internal interface IWriterLock : IDisposable
{
    /// <summary>
    /// False as soon as another writer may own the log: nothing may be acknowledged any more. Costs the reading of a clock at most.
    /// </summary>
    bool MayAcknowledge { get; }

    /// <summary>Why <see cref="MayAcknowledge"/> is false.</summary>
    CoordinatorException Lost { get; }

    /// <summary>
    /// The directory is on a share, and an owner who was cut off may go on writing for a moment after the next one has begun.
    /// </summary>
    bool OnShare { get; }

    /// <summary>The epoch of this owner, not below what the files ask for; no other owner ever has it.</summary>
    int EpochFrom(int least);
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

    public CoordinatorException Lost => throw new InvalidOperationException("The kernel keeps it as long as the process lives.");

    public bool OnShare => false;

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
                throw Locked(path, "");
            }
        }

        if (!File.Exists(path))
            File.Create(path).Dispose();
        var file = OpenForLock(path);
        if (!TryLock(file))
        {
            using (file)
                throw Locked(path, ReadOwner(file));
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
        RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"), 0);
        return new FileLock(file, null);
    }

    public int EpochFrom(int least) => least;

    public void Dispose()
    {
        _file?.Dispose();
        _managed?.Dispose();
    }

    /// <summary>Not with .NET's own open, which takes a shared flock of its own and fails where the file is locked.</summary>
    private static SafeFileHandle OpenForLock(string path)
    {
        const int readWrite = 2;
        var closeOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;
        var fd = Libc.Open(path, readWrite | closeOnExec);
        return fd >= 0
            ? new SafeFileHandle(fd, ownsHandle: true)
            : throw new UnauthorizedAccessException($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    private static string ReadOwner(SafeFileHandle file)
    {
        Span<byte> text = stackalloc byte[32];
        return Encoding.ASCII.GetString(text[..RandomAccess.Read(file, text, 0)]).Trim();
    }

    private static bool TryLock(SafeFileHandle file)
    {
        const int wouldBlock = 11;
        const int wouldBlockMac = 35;
        if (Libc.FLock(file, Libc.LockExclusiveNonBlocking) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error is wouldBlock or wouldBlockMac
            ? false
            : throw new CoordinatorException(
                Codes.LockIneffective, "The log directory cannot be locked: " + new Win32Exception(error).Message,
                "Its file system has no flock(2).", "Put the log directory on a local disk.");
    }

    private static CoordinatorException Locked(string path, string owner) => new(
        Codes.LogLocked,
        $"The log directory {Path.GetDirectoryName(path)} is in use by another coordinator{(owner.Length > 0 ? $" (process {owner})" : "")}.",
        "Two coordinators must never write one log.", "Stop the other one, or give this one a directory of its own with --log.");
}
