using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Ambrosia.Build.Cli;

/// <summary>
/// Processes and everything below them. A descendant whose parent has ended belongs to init and can no longer be found from above,
/// so whoever wants the tree gone after a gentle stop takes a snapshot first, and whoever kills it stops all of it first: a parent that is
/// killed while it starts a child would leave one that no snapshot holds.
/// </summary>
internal sealed class ProcessTree
{
    /// <summary>A process that waits in the kernel stops only when it comes back: so long nothing has changed when it is not waited for any more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>And nobody waits longer than this in all, whatever goes on changing.</summary>
    private static readonly TimeSpan FreezeLimit = TimeSpan.FromSeconds(10);

    private readonly IReadOnlyList<Member> _members;

    private ProcessTree(IReadOnlyList<Member> members) => _members = members;

    /// <summary>The descendants of a process now; empty where the system has no /proc.</summary>
    public static ProcessTree Snapshot(int root) => new([.. Below(Everybody(), root, null)]);

    /// <summary>The descendants of a process, stopped so that they start no more; empty where the system has no /proc.</summary>
    /// <param name="root">Not stopped itself.</param>
    /// <param name="arguments">Only those whose command line holds these words, and what is below them; null for all.</param>
    public static ProcessTree Freeze(int root, string? arguments = null) => new(Freeze(everybody => Below(everybody, root, arguments)));

    /// <summary>
    /// Kills what the tree holds and still lives, and what is below that by now. A process id that was given to another process since is left alone.
    /// </summary>
    public void KillSurvivors()
    {
        // Children first: those of a parent that is gone may be woken by the kernel (SIGHUP and SIGCONT to an orphaned process group).
        foreach (var member in Enumerable.Reverse(Freeze(Living)))
            UnixSignals.Kill(member.Id);
    }

    /// <summary>Kills a process and all its descendants.</summary>
    public static void Kill(Process process)
    {
        try
        {
            if (process.HasExited)
                return;
            if (OperatingSystem.IsLinux() && Read(process.Id) is { } member)
                new ProcessTree([member]).KillSurvivors();
            else
                process.Kill(entireProcessTree: true);
        }
        catch (Exception exception) when (exception is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It ended in between, which is all that was wanted.
        }
    }

    /// <summary>
    /// Looks and stops until two looks in a row find the same processes, all of them stopped: one look is not enough, for it may have read a
    /// child's place before its parent had started it. What was found once stays found: when its parent ends meanwhile, it belongs to init.
    /// </summary>
    /// <param name="look">Chooses from all that lives, by parent; what is below a chosen one is taken with it.</param>
    private static List<Member> Freeze(Func<ILookup<int, Member>, IEnumerable<Member>> look)
    {
        var (total, unchanged) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        var refusing = new HashSet<(int, string)>(); // another user's
        List<Member>? before = null;
        while (true)
        {
            var everybody = Everybody();
            var living = everybody.SelectMany(children => children).ToDictionary(member => member.Identity);
            List<Member> members =
            [
                .. (before ?? []).Where(member => living.ContainsKey(member.Identity)).Concat(look(everybody))
                    .SelectMany(member => Below(everybody, member.Id, null).Prepend(living[member.Identity]))
                    .DistinctBy(member => member.Identity),
            ];
            if (before is null || !members.Select(member => member.Identity).ToHashSet().SetEquals(before.Select(member => member.Identity)))
                unchanged.Restart();
            else if ((members.TrueForAll(IsStill) && before.TrueForAll(IsStill)) || unchanged.Elapsed > Patience)
                return members;
            if (total.Elapsed > FreezeLimit)
                return members;
            foreach (var member in members.Where(member => !IsStill(member)))
            {
                if (!UnixSignals.Stop(member.Id))
                    refusing.Add(member.Identity);
            }

            before = members;
            Thread.Sleep(1); // a signal is delivered when the process runs
        }

        bool IsStill(Member member) => member.IsStopped || refusing.Contains(member.Identity);
    }

    private IEnumerable<Member> Living(ILookup<int, Member> everybody)
    {
        var wanted = _members.Select(member => member.Identity).ToHashSet();
        return everybody.SelectMany(children => children).Where(member => wanted.Contains(member.Identity));
    }

    private static IEnumerable<Member> Below(ILookup<int, Member> everybody, int root, string? arguments)
    {
        var pending = new Queue<(int Id, bool IsWanted)>([(root, arguments is null)]);
        while (pending.TryDequeue(out var parent))
        {
            foreach (var child in everybody[parent.Id])
            {
                var isWanted = parent.IsWanted || CommandLine(child.Id).Contains(arguments!, StringComparison.Ordinal);
                if (isWanted)
                    yield return child;
                pending.Enqueue((child.Id, isWanted));
            }
        }
    }

    /// <summary>What lives on this machine, by its parent.</summary>
    private static ILookup<int, Member> Everybody()
    {
        IEnumerable<string> directories = OperatingSystem.IsLinux() ? Directory.EnumerateDirectories("/proc") : [];
        return directories
            .Select(directory => int.TryParse(System.IO.Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Member>()
            .ToLookup(member => member.Parent);
    }

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline")).Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name in parentheses may itself hold spaces and parentheses,
    // so fields are counted from the last ')': state, parent, ..., start time as the twentieth.
    private static Member? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : new Member(id, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19], fields[0] is "T" or "t");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Member(int Id, int Parent, string StartTime, bool IsStopped)
    {
        /// <summary>An id is given again; with the time of its start it is not.</summary>
        public (int Id, string StartTime) Identity => (Id, StartTime);
    }
}
