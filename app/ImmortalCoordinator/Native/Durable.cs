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

        if (Libc.FDataSync((int)file.DangerousGetHandle()) != 0)
            throw new IOException("fdatasync failed: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
    }

    /// <summary>Makes a rename, creation or deletion in the directory durable.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;

        var fd = Libc.Open(directory, 0);
        if (fd < 0)
            throw new IOException($"cannot open {directory}: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        try
        {
            // Some network file systems cannot sync a directory and say EINVAL; their renames are synchronous.
            const int invalid = 22;
            if (Libc.FSync(fd) != 0 && Marshal.GetLastPInvokeError() != invalid)
                throw new IOException($"cannot flush {directory}: " + new Win32Exception(Marshal.GetLastPInvokeError()).Message);
        }
        finally
        {
            _ = Libc.Close(fd);
        }
    }
}
