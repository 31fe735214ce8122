using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Native;

/// <summary>Flushes to the device. .NET's FileStream.FlushAsync reaches only the operating system, which a power cut outlives.</summary>
internal static class Durable
{
    /// <summary>Returns when the file's data is on the device (fdatasync on Linux, FlushFileBuffers or F_FULLFSYNC elsewhere).</summary>
    public static void Flush(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }

        if (Libc.FDataSync(file) != 0)
            throw Failed("fdatasync", Marshal.GetLastPInvokeError());
    }

    /// <summary>Makes a rename, creation or deletion in the directory durable.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;

        var fd = Libc.Open(directory, 0);
        if (fd < 0)
            throw Failed($"opening {directory}", Marshal.GetLastPInvokeError());
        try
        {
            // Some network file systems cannot sync a directory and say EINVAL; their renames are synchronous.
            const int invalid = 22;
            if (Libc.FSync(fd) != 0 && Marshal.GetLastPInvokeError() != invalid)
                throw Failed($"flushing {directory}", Marshal.GetLastPInvokeError());
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }

    /// <summary>With errno as HResult, as .NET's own file calls do on Unix.</summary>
    private static IOException Failed(string what, int errno) => new($"{what} failed: {new Win32Exception(errno).Message}", errno);
}
