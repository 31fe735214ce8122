using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json.Serialization;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>A process, not merely its number: numbers are used again, so only the start time makes it safe to signal one later.</summary>
/// <param name="StartTicks">Start time, UTC, in ticks of 100 ns.</param>
public sealed record ProcessIdentity(int Pid, long StartTicks)
{
    /// <summary>Linux derives a start time from the boot time, which it re-computes with the clock: allow for its rounding.</summary>
    private static readonly long Tolerance = TimeSpan.FromSeconds(2).Ticks;

    public static ProcessIdentity Current
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new ProcessIdentity(process.Id, process.StartTime.ToUniversalTime().Ticks);
        }
    }

    /// <summary>Null when there is no such process.</summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return new ProcessIdentity(pid, process.StartTime.ToUniversalTime().Ticks);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    [JsonIgnore]
    public bool IsAlive => Of(Pid) is { } now && Math.Abs(now.StartTicks - StartTicks) <= Tolerance && !IsZombie;

    private bool IsZombie
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return false;
            try
            {
                var stat = File.ReadAllText($"/proc/{Pid}/stat");
                return stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');
            }
            catch (IOException)
            {
                return true; // gone between the two looks
            }
        }
    }
}
