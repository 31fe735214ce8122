using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Images;

/// <summary>Compiles the app for an image's platform, and lays it out as <c>app/Dockerfile</c> wants its context.</summary>
public sealed class ImagePublisher(
    BuildPaths paths, AppInputs inputs, IProcessRunner runner, IBuildConsole console, TimeProvider time)
{
    private const string Coordinator = "ImmortalCoordinator";

    /// <summary>Where the programs for a platform are laid out.</summary>
    public string ContextOf(string platform) =>
        Path.Combine(paths.Artifacts, "publish", $"image-{ImageLayout.RuntimeIdentifierOf(platform)}");

    /// <returns>The directory to send to the image build.</returns>
    /// <exception cref="BuildException">AMB4001 with the compiler's own errors.</exception>
    public async Task<string> PublishAsync(string platform, CancellationToken cancellation)
    {
        var runtimeIdentifier = ImageLayout.RuntimeIdentifierOf(platform);
        var context = ContextOf(platform);
        var output = context + ".new";

        // The same lock as for local: both compile in the same intermediate directories.
        await using var exclusive = await PublishLock.AcquireAsync(paths.PublishedApp, console, time, cancellation);
        var stamp = context + ".hash";
        var hash = await inputs.HashAsync(cancellation);
        var decision = PublishDecision.Decide(hash, File.Exists(stamp) ? await File.ReadAllTextAsync(stamp, cancellation) : null, Missing(context));
        if (!decision.Publish)
            return context;
        console.Event($"Publishing the app for {runtimeIdentifier}: {decision.Reason}");
        await PublishLock.WrittenAsync(context, () => RemoveDirectory(output));
        await AppCompilation.RunAsync(
            runner, paths, ImageLayout.Project, output, ImageLayout.Properties(runtimeIdentifier), cancellation);
        await PublishLock.WrittenAsync(context, () =>
        {
            File.Delete(stamp);
            LayOut(output, context);
            File.WriteAllText(stamp, hash);
        });
        return context;
    }

    private static List<string> Missing(string context) =>
        File.Exists(Path.Combine(context, "runtime", Coordinator)) ? [] : [Coordinator];

    private void LayOut(string output, string context)
    {
        RemoveDirectory(context);
        var ownNames = Directory.EnumerateFiles(paths.App, "*.csproj", SearchOption.AllDirectories)
            .Select(project => Path.GetFileNameWithoutExtension(project))
            .Where(name => name != Coordinator)
            .ToHashSet();
        Directory.CreateDirectory(Path.Combine(context, "app"));
        Directory.CreateDirectory(Path.Combine(context, "runtime"));
        foreach (var file in Directory.EnumerateFiles(output))
        {
            var name = Path.GetFileName(file);
            if (ImageLayout.DirectoryOf(name, ownNames) is { } directory)
                Place(file, Path.Combine(context, directory, name));
        }

        Place(Path.Combine(paths.App, "Image", "pidof"), Path.Combine(context, "runtime", "pidof"));
        RemoveDirectory(output);
    }

    /// <summary>
    /// With one mode and one time for all, whatever the user's umask: another user reads and runs them in the image, and both are part of a layer.
    /// </summary>
    private static void Place(string source, string target)
    {
        File.Copy(source, target);
        File.SetLastWriteTimeUtc(target, DateTime.UnixEpoch);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                target,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
                | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    private static void RemoveDirectory(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }
}
