namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>The files that decide what the published app is.</summary>
public sealed class AppInputs(BuildPaths paths)
{
    private static readonly string[] SharedFiles =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "NuGet.config", "nuget.config"];

    public async Task<string> HashAsync(CancellationToken cancellation)
    {
        var files = new List<(string, ReadOnlyMemory<byte>)>();
        foreach (var path in Files())
        {
            var relative = Path.GetRelativePath(paths.Root, path).Replace('\\', '/');
            files.Add((relative, await File.ReadAllBytesAsync(path, cancellation)));
        }

        return ContentHash.Of(files);
    }

    private IEnumerable<string> Files()
    {
        var shared = SharedFiles.Select(name => Path.Combine(paths.Root, name)).Where(File.Exists);
        return Directory.EnumerateFiles(paths.App, "*", SearchOption.AllDirectories).Where(path => !IsOutput(path)).Concat(shared);
    }

    // Outputs go below artifacts/; these appear only where an IDE ignores that.
    private bool IsOutput(string path) =>
        Path.GetRelativePath(paths.App, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj");
}
