using System.Globalization;
using System.Runtime.InteropServices;
using Ambrosia.Coordinator.Native;

namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>
/// Where an owner runs, precise enough to know that it is dead: a restart on the same machine then need not wait. The boot id is random for
/// each boot of each kernel; the number of a process namespace is unique while it exists, and with it all of its processes end. So when both
/// are ours and no such process is there, the owner is gone. In all other cases nothing is known.
/// <para>
/// Seen from another time namespace a process started at another time since the boot (time_namespaces(7)), and one that lives would look like
/// one that has ended and whose id was used again. So both namespaces must be ours.
/// </para>
/// </summary>
/// <param name="Host">For people.</param>
/// <param name="Boot">Null where the system does not tell.</param>
/// <param name="Namespace">Of processes, and of time where the kernel has those; null where the system does not tell.</param>
/// <param name="Id">The process id as its own namespace counts.</param>
/// <param name="Started">The process's start in clock ticks since the boot; tells it from a later one of the same id.</param>
internal sealed record LeaseProcess(string Host, string? Boot, string? Namespace, int Id, long Started)
{
    private const int NoSuchProcess = 3;

    public static LeaseProcess Current() => new(
        Environment.MachineName, ReadBoot(), ReadNamespaces(), Environment.ProcessId, StartOf(Environment.ProcessId) ?? -1);

    /// <summary>True only when it cannot be alive.</summary>
    public bool IsSurelyDead(LeaseProcess here)
    {
        if (!OperatingSystem.IsLinux() || Boot is null || Boot != here.Boot || Namespace is null || Namespace != here.Namespace)
            return false;

        // Not by /proc alone, which can be mounted so that it hides other users' processes.
        if (Libc.Kill(Id, 0) != 0)
            return Marshal.GetLastPInvokeError() == NoSuchProcess;
        return StartOf(Id) is { } started && started != Started;
    }

    public override string ToString() => $"process {Id} on {Host}";

    private static string? ReadBoot()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? ReadNamespaces() =>
        OperatingSystem.IsLinux() && LinkTarget("pid") is { } processes ? $"{processes} {LinkTarget("time")}".TrimEnd() : null;

    private static string? LinkTarget(string kind) => new FileInfo($"/proc/self/ns/{kind}").LinkTarget;

    private static long? StartOf(int process)
    {
        const int startTime = 19; // proc(5): field 22 of stat; the second one, a name in brackets, may hold blanks
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return long.TryParse(fields[startTime], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks) ? ticks : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }
}
