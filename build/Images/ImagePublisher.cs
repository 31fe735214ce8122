using System.Runtime.InteropServices;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Images;

/// <summary>Compiles the app for an image's platform, and lays it out as <c>app/Dockerfile</c> wants its context.</summary>
public sealed class ImagePublisher(
    BuildPaths paths, IProcessRunner runner, IBuildConsole console, TimeProvider time, Func<string, string?> environment)
{
    private const string Coordinator = "ImmortalCoordinator";

    /// <summary>Portable runtime identifier of this machine, such as <c>linux-x64</c>.</summary>
    public string Machine { get; } = RuntimeInformation.RuntimeIdentifier;

    public PublishPlan Plan(string platform) => PublishPlan.Decide(
        platform,
        Machine,
        PublishPlan.FindLinker(File.Exists, environment("PATH") ?? ""));

    /// <returns>The directory to send to the image build.</returns>
    /// <exception cref="BuildException">AMB4001 with the compiler's own errors.</exception>
    public async Task<string> PublishAsync(PublishPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var context = Path.Combine(paths.Artifacts, "publish", $"image-{plan.RuntimeIdentifier}");
        var output = context + ".new";

        // The same lock as for local: both compile in the same intermediate directories.
        await using var exclusive = await PublishLock.AcquireAsync(paths.PublishedApp, console, time, cancellation);
        await PublishLock.WrittenAsync(context, () => RemoveDirectory(output));
        await AppCompilation.RunAsync(runner, paths, plan.Project, output, plan.Properties, cancellation);
        await PublishLock.WrittenAsync(context, () => LayOut(output, context));
        return context;
    }

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
            if (PublishPlan.DirectoryOf(name, ownNames) is { } directory)
                Place(file, Path.Combine(context, directory, name));
        }

        Place(Path.Combine(paths.App, "Image", "pidof"), Path.Combine(context, "runtime", "pidof"));
        RemoveDirectory(output);
    }

    /// <summary>With one mode for all, whatever the user's umask: another user reads and runs them in the image, and modes are part of a layer's hash.</summary>
    private static void Place(string source, string target)
    {
        File.Copy(source, target);
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
