using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build;

/// <inheritdoc cref="IDeferredRemoval"/>
public sealed class DeferredRemoval : IDeferredRemoval
{
    /// <summary>On Windows the files of a running program are locked: build.ps1 removes the paths that this file beside it lists.</summary>
    public const string MarkerVariable = "AMBROSIA_REMOVE_AT_EXIT";

    private readonly List<string> _paths = [];

    public void RemoveAtExit(string path) => _paths.Add(Path.GetFullPath(path));

    /// <summary>Removes the paths, or on Windows leaves them to build.ps1; the exit code of having done so.</summary>
    /// <exception cref="BuildException">AMB5001: something cannot be removed, such as what another process writes meanwhile.</exception>
    public int RemoveNow()
    {
        if (OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable(MarkerVariable) is { Length: > 0 } marker && _paths.Count > 0)
        {
            File.WriteAllLines(marker, _paths);
            return 0;
        }

        foreach (var path in _paths)
            Remove(path);
        return 0;
    }

    private static void Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            else if (File.Exists(path))
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var users = DirectoryUsers.Of(path);
            throw new BuildException(
                ErrorCode.InstanceFailed,
                $"Some of {path} remains.",
                cause: users.Count > 0 ? "Other processes use it: " + string.Join(", ", users) : e.Message,
                remedy: users.Count > 0
                    ? "Let them end, or end them, and run Clean again."
                    : "End what still uses it, or mend its permissions, and run Clean again.",
                inner: e);
        }
    }
}
