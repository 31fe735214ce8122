using System.Runtime.InteropServices;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>Compiles the app where it is ours, and builds the image.</summary>
public sealed class ImageBuilder(
    ISettingsProvider settings, ImageInputs inputs, ImagePublisher publisher, DockerCli docker, TimeProvider time)
{
    private const string BaseArgument = "BASE_IMAGE";

    /// <returns>What was done, for a person.</returns>
    /// <exception cref="BuildException">AMB4001: the app does not compile. AMB4002: the image cannot be built. AMB4003: no engine.</exception>
    public async Task<string> BuildAsync(ImageName name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        var started = time.GetTimestamp();
        var images = settings.Settings.Images;
        var context = inputs.IsOwnApp ? await publisher.PublishAsync(images.Platform, cancellation) : inputs.ContextPath;
        var build = new DockerBuild(context, inputs.DockerfilePath, images.Platform, name.Reference)
        {
            Arguments = images.BaseImage is { } baseImage ? new Dictionary<string, string> { [BaseArgument] = baseImage } : [],
            Labels = new Dictionary<string, string> { [Naming.DeploymentLabel] = settings.Settings.ServiceName },
        };
        await docker.BuildAsync(build, _ => { }, cancellation);
        var image = await docker.InspectAsync(name.Reference, cancellation)
            ?? throw new BuildException(ErrorCode.ImageBuildFailed, $"docker build made no image {name.Reference}.");
        RequirePlatform(image, images, name);
        if (inputs.IsOwnApp)
            await RequireStartAsync(name, cancellation);
        return $"built {name.Reference} ({images.Platform}, {Figures.MiB(image.Size)}) in {Figures.Seconds(time.GetElapsedTime(started))}";
    }

    /// <summary>
    /// The runtime needs a C library of glibc's kind, and libstdc++: better known now than by a pod that never starts. Another processor's
    /// programs cannot be tried here.
    /// </summary>
    private async Task RequireStartAsync(ImageName name, CancellationToken cancellation)
    {
        const int CannotExecute = 126, NotFound = 127, Failed = 1;
        if (ImageLayout.RuntimeIdentifierOf(settings.Settings.Images.Platform) != $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}")
            return;
        var result = await docker.RunOnceAsync(name.Reference, ["--help"], cancellation);
        if (result.ExitCode is not (CannotExecute or NotFound or Failed))
            return;
        throw new BuildException(
            ErrorCode.ImageBuildFailed,
            $"The programs do not start in {name.Reference}.",
            "the base image lacks a C library of glibc's kind, or libstdc++",
            "give a base image that has them in images.base, such as one of mcr.microsoft.com/dotnet/runtime-deps that is not Alpine's",
            toolOutput: result.StandardError);
    }

    /// <summary>A Dockerfile may name another platform in its FROM line; no node could start what comes of it.</summary>
    private static void RequirePlatform(DockerImage image, ImageSettings images, ImageName name)
    {
        if (image.Platform == images.Platform)
            return;
        throw new BuildException(
            ErrorCode.ImageBuildFailed,
            $"{name.Reference} was built for {image.Platform}, and images.platform is {images.Platform}.",
            "the base image is for another processor",
            "give a base image for that platform in images.base, or change images.platform");
    }
}
