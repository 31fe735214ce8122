using System.Diagnostics;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>A process of this machine, as /proc shows it.</summary>
internal sealed record RunningProcess(int Id, string CommandLine)
{
    /// <summary>Those that run a program from a directory, name it in their arguments, or work in it. Ended ones do not count, reaped or not.</summary>
    public static IReadOnlyList<RunningProcess> Below(string directory)
    {
        var found = new List<RunningProcess>();
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path), out var id) || id == Environment.ProcessId)
                continue;
            try
            {
                var commandLine = File.ReadAllText(Path.Combine(path, "cmdline")).Replace('\0', ' ');
                var workingDirectory = new DirectoryInfo(Path.Combine(path, "cwd")).LinkTarget ?? "";
                if (commandLine.Contains(directory, StringComparison.Ordinal) || workingDirectory.StartsWith(directory, StringComparison.Ordinal))
                    found.Add(new RunningProcess(id, commandLine));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is another user's.
            }
        }

        return found;
    }

    public void Kill()
    {
        try
        {
            using var process = Process.GetProcessById(Id);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended.
        }
    }
}
