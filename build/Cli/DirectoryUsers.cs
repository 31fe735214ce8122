using System.Globalization;

namespace Ambrosia.Build.Cli;

/// <summary>The processes that stand in a directory or have a file of it open.</summary>
public static class DirectoryUsers
{
    /// <returns>"dotnet (pid 123)" each, without this process; empty also where the system does not tell: only Linux has proc_pid_cwd(5).</returns>
    public static IReadOnlyList<string> Of(string directory)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        return
        [
            .. Directory.EnumerateDirectories("/proc")
                .Select(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
                .Where(pid => pid > 0 && pid != Environment.ProcessId && Uses(pid, root))
                .Select(pid => string.Create(CultureInfo.InvariantCulture, $"{Name(pid)} (pid {pid})")),
        ];
    }

    private static bool Uses(int pid, string root)
    {
        try
        {
            return new[] { $"/proc/{pid}/cwd", $"/proc/{pid}/exe" }
                .Concat(Directory.EnumerateFiles($"/proc/{pid}/fd"))
                .Select(link => new FileInfo(link).LinkTarget)
                .Any(target => target == root || target?.StartsWith(root + "/", StringComparison.Ordinal) == true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended, or is another user's
        }
    }

    private static string Name(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/comm").Trim();
        }
        catch (IOException)
        {
            return "?";
        }
    }
}
