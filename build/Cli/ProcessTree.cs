using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Ambrosia.Build.Cli;

/// <summary>
/// A process and everything below it. A descendant whose parent has ended belongs to init and can no longer be found from above,
/// so whoever wants the tree gone after a gentle stop takes a snapshot first.
/// </summary>
internal sealed class ProcessTree
{
    private readonly List<(int Id, string StartTime)> _descendants = [];

    private ProcessTree()
    {
    }

    /// <summary>The descendants of a process now; empty where the system has no /proc.</summary>
    /// <param name="arguments">Only those whose command line holds these words, and what is below them; null for all.</param>
    public static ProcessTree Snapshot(int root, string? arguments = null)
    {
        var tree = new ProcessTree();
        if (!OperatingSystem.IsLinux())
            return tree;
        var byParent = new Dictionary<int, List<(int Id, string StartTime)>>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(System.IO.Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                || Read(id) is not { } entry)
                continue;
            if (!byParent.TryGetValue(entry.Parent, out var children))
                byParent[entry.Parent] = children = [];
            children.Add((id, entry.StartTime));
        }

        var pending = new Queue<(int Id, bool IsWanted)>([(root, arguments is null)]);
        while (pending.TryDequeue(out var parent))
        {
            foreach (var child in byParent.GetValueOrDefault(parent.Id, []))
            {
                var isWanted = parent.IsWanted || CommandLine(child.Id).Contains(arguments!, StringComparison.Ordinal);
                if (isWanted)
                    tree._descendants.Add(child);
                pending.Enqueue((child.Id, isWanted));
            }
        }

        return tree;
    }

    /// <summary>Kills what the snapshot holds and still lives. A process id that was given to another process since is left alone.</summary>
    public void KillSurvivors()
    {
        foreach (var (id, startTime) in _descendants)
        {
            if (Read(id)?.StartTime != startTime)
                continue;
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill(entireProcessTree: true);
            }
            catch (Exception exception) when (IsGone(exception))
            {
                // It ended in between, which is all that was wanted.
            }
        }
    }

    /// <summary>Kills a process and all its descendants.</summary>
    public static void Kill(Process process)
    {
        try
        {
            if (process.HasExited)
                return;
            var tree = Snapshot(process.Id);
            process.Kill(entireProcessTree: true);
            tree.KillSurvivors();
        }
        catch (Exception exception) when (IsGone(exception))
        {
            // As above.
        }
    }

    private static bool IsGone(Exception exception) =>
        exception is InvalidOperationException or ArgumentException or Win32Exception or AggregateException;

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
    private static (int Parent, string StartTime)? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : (int.Parse(fields[1], CultureInfo.InvariantCulture), fields[19]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
