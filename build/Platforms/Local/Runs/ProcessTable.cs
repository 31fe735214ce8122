using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Ambrosia.Build.Cli;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <inheritdoc cref="IProcessTable"/>
public sealed class ProcessTable : IProcessTable
{
    public ProcessIdentity? Find(int pid) => ProcessIdentity.Of(pid);

    public bool IsAlive(ProcessIdentity process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.IsAlive;
    }

    public bool Kill(ProcessIdentity process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (!process.IsAlive)
            return false;
        if (!OperatingSystem.IsWindows())
            return UnixSignals.Kill(process.Pid);
        try
        {
            using var target = Process.GetProcessById(process.Pid);
            target.Kill();
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false; // it ended on its own between the look and the kill
        }
    }

    public void Terminate(ProcessIdentity process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (OperatingSystem.IsWindows())
            Kill(process);
        else if (process.IsAlive)
            UnixSignals.Terminate(process.Pid);
    }

    public long? PeakMemory(ProcessIdentity process)
    {
        ArgumentNullException.ThrowIfNull(process);
        if (!OperatingSystem.IsLinux())
            return null;
        try
        {
            // "VmHWM:	   45056 kB"; proc_pid_status(5)
            var line = File.ReadLines($"/proc/{process.Pid}/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line?.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [_, var kibibytes, ..]
                ? long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
