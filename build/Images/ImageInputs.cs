using System.Text;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>One hash of everything that goes into the image; it becomes the tag.</summary>
public sealed class ImageInputs(BuildPaths paths, ISettingsProvider settings, AppInputs app)
{
    private ImageSettings Images => settings.Settings.Images;

    /// <summary>True when the image is that of <c>app/</c>, which is compiled before; any other context is sent as it is.</summary>
    public bool IsOwnApp => string.Equals(ContextPath.TrimEnd(Path.DirectorySeparatorChar), paths.App, StringComparison.Ordinal);

    public string ContextPath => Path.GetFullPath(Path.Combine(paths.Root, Images.Context));

    public string DockerfilePath => Path.GetFullPath(Path.Combine(paths.Root, Images.Dockerfile));

    /// <exception cref="BuildException">AMB4002: the context or the Dockerfile is not there.</exception>
    public async Task<string> HashAsync(CancellationToken cancellation)
    {
        if (!File.Exists(DockerfilePath))
            throw Missing("Dockerfile", DockerfilePath, "images.dockerfile");
        if (!Directory.Exists(ContextPath))
            throw Missing("directory", ContextPath, "images.context");
        List<(string, ReadOnlyMemory<byte>)> parts =
        [
            ("dockerfile", await File.ReadAllBytesAsync(DockerfilePath, cancellation)),
            ("platform", Bytes(Images.Platform)),
            ("base", Bytes(Images.BaseImage ?? "")),
        ];
        if (IsOwnApp)
            parts.Add(("app", Bytes(await app.HashAsync(cancellation))));
        else
            parts.AddRange(await ContextFilesAsync(cancellation));
        return ContentHash.Of(parts);
    }

    private async Task<List<(string Path, ReadOnlyMemory<byte> Content)>> ContextFilesAsync(CancellationToken cancellation)
    {
        var ignoreFile = IgnoreFile();
        var ignore = new DockerIgnore(ignoreFile is null ? "" : await File.ReadAllTextAsync(ignoreFile, cancellation));
        var files = new List<(string, ReadOnlyMemory<byte>)>();
        foreach (var file in Directory.EnumerateFiles(ContextPath, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(ContextPath, file).Replace('\\', '/');
            if (ignore.Ignores(relative))
                continue;
            files.Add(($"context/{relative}{ModeOf(file)}", await File.ReadAllBytesAsync(file, cancellation)));
        }

        return files;
    }

    /// <summary>A file beside the Dockerfile with its name goes before the context's own.</summary>
    private string? IgnoreFile() =>
        new[] { DockerfilePath + ".dockerignore", Path.Combine(ContextPath, ".dockerignore") }.FirstOrDefault(File.Exists);

    /// <summary>Whether a file can be run is part of a layer.</summary>
    private static string ModeOf(string file) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.UserExecute) != 0 ? " (executable)" : "";

    private static BuildException Missing(string what, string path, string key) => new(
        ErrorCode.ImageBuildFailed, $"The {what} {path} does not exist.", $"it is {key} in AmbrosiaAKSConf.json, below the checkout's root", $"correct {key}");

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
