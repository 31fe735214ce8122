using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>
/// The image of one deployment, from its inputs' hash to the digest in a registry, or on the nodes where there is none. How to get into the
/// registry is the platform's.
/// </summary>
public sealed class ImageRegistry(IRegistryAccess access, ImageTools tools) : IImageRegistry, IImageSource
{
    private const string Build = "BuildImages";
    private const string Push = "Push";

    private string? _hash;
    private string? _digest;

    private BuildSettings Settings => tools.Settings.Settings;

    private string? NotNeeded => Settings.Images.Public is { } published ? $"not needed: images.public is {published}" : null;

    /// <summary>A registry that is not Azure's is not ours to make.</summary>
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        new(NotNeeded ?? (await access.ServerAsync(cancellation) is { } server
            ? $"not needed: the registry is {server}"
            : "not needed: there is no registry, the image goes to the nodes"));

    public async Task<StepOutcome> BuildAsync(CancellationToken cancellation)
    {
        if (NotNeeded is { } reason)
            return new StepOutcome(reason);
        var name = await NameAsync(cancellation);
        var decision = await DecideBuildAsync(name, askRegistry: true, cancellation);
        if (!decision.Build)
            return new StepOutcome(decision.Reason);
        tools.Console.Event($"Building {name.Reference}: {decision.Reason}");
        return new StepOutcome($"{await tools.Builder.BuildAsync(name, cancellation)}: {decision.Reason}");
    }

    public async Task<StepOutcome> PushAsync(CancellationToken cancellation)
    {
        if (NotNeeded is { } reason)
            return new StepOutcome(reason);
        var name = await NameAsync(cancellation);
        return new StepOutcome(name.Server is null ? await LoadAsync(name, cancellation) : await PushAsync(name, cancellation));
    }

    /// <inheritdoc/>
    public async Task<ContainerImage> ResolveAsync(CancellationToken cancellation)
    {
        if (Settings.Images.Public is { } published)
            return new ContainerImage(published, IsPublic: true, IsOnNodes: false);
        var name = await NameAsync(cancellation);
        if (name.Server is null)
        {
            await RequireLocalAsync(name, cancellation);
            return new ContainerImage(name.Reference, IsPublic: false, IsOnNodes: true);
        }

        if (_digest is null)
            await FindAsync(name, cancellation);
        _digest ??= await PushedDigestAsync(name, cancellation);
        return _digest is { } digest
            ? new ContainerImage(name.ByDigest(digest), IsPublic: false, IsOnNodes: false)
            : throw new BuildException(
                ErrorCode.ImageNotFound,
                $"The registry has no {name.Reference}.",
                "the current sources were never built and pushed, or the registry has dropped the image",
                "./build.sh --target=Push");
    }

    /// <summary>The plan's rows of BuildImages and Push.</summary>
    /// <param name="registryExists">False while the registry itself is still to be made: then it is not asked.</param>
    public async Task<IReadOnlyList<PlannedChange>> PlanAsync(bool registryExists, CancellationToken cancellation)
    {
        if (Settings.Images.Public is not null)
            return [];
        var name = await NameAsync(cancellation);
        var build = await DecideBuildAsync(name, registryExists, cancellation);
        List<PlannedChange> rows =
            [new(Build, $"image {name.Reference}", build.Build ? ChangeKind.Create : ChangeKind.Unchanged, build.Reason)];
        if (name.Server is not null)
        {
            var push = registryExists
                ? PushDecision.Decide(name, await FindAsync(name, cancellation))
                : new PushDecision(true, "the registry does not exist yet");
            rows.Add(new(Push, $"image {name.Reference}", push.Push ? ChangeKind.Create : ChangeKind.Unchanged, push.Reason));
        }

        return rows;
    }

    /// <summary>What BuildImages would fail on: there must be an engine to build with.</summary>
    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation) =>
        DockerCheck.Judge(await tools.Docker.StateAsync(cancellation), Settings.Images.Platform);

    /// <summary>Removes this deployment's images from the Docker engine of this machine. What a registry has is the registry's.</summary>
    public async Task<StepOutcome> CleanAsync(CancellationToken cancellation)
    {
        try
        {
            var removed = await tools.Docker.RemoveAsync($"{Naming.DeploymentLabel}={Settings.ServiceName}", cancellation);
            return new StepOutcome(removed == 0 ? "no images in the Docker engine" : $"{removed} removed from the Docker engine");
        }
        catch (BuildException e) when (e.Code is ErrorCode.ToolMissing or ErrorCode.DockerUnavailable)
        {
            return new StepOutcome($"not looked for in the Docker engine: {e.What}");
        }
    }

    /// <summary>The server is asked for each time: one that was still to be made when the plan was may be called otherwise than expected.</summary>
    private async Task<ImageName> NameAsync(CancellationToken cancellation) => new(
        await access.ServerAsync(cancellation), Settings.ServiceName, _hash ??= await tools.Inputs.HashAsync(cancellation));

    private async Task<BuildDecision> DecideBuildAsync(ImageName name, bool askRegistry, CancellationToken cancellation)
    {
        var local = await tools.Docker.InspectAsync(name.Reference, cancellation);
        var digest = local is null && askRegistry && name.Server is not null && await FindAsync(name, cancellation) is RegistryAnswer.Has has ? has.Digest : null;
        IReadOnlyList<string> earlier = local is null && digest is null
            ? await tools.Docker.TagsAsync($"{Naming.DeploymentLabel}={Settings.ServiceName}", cancellation)
            : [];
        return BuildDecision.Decide(name.Tag, Settings.Images.Platform, local?.Platform, digest, earlier);
    }

    private async Task<RegistryAnswer> FindAsync(ImageName name, CancellationToken cancellation)
    {
        if (_digest is { } known)
            return new RegistryAnswer.Has(known);
        var login = await access.ReadLoginAsync(cancellation);
        var answer = await tools.Client.FindAsync(name, login, cancellation);
        if (answer is RegistryAnswer.CannotTell && login is null)
        {
            // A login that docker alone has, from its own configuration or a credential helper.
            await using var session = await tools.Docker.LoginAsync(null, cancellation);
            if (await session.ManifestDigestAsync(name.Reference, cancellation) is { } digest)
                answer = new RegistryAnswer.Has(digest);
        }

        _digest = (answer as RegistryAnswer.Has)?.Digest;
        return answer;
    }

    private async Task<string> PushAsync(ImageName name, CancellationToken cancellation)
    {
        var decision = PushDecision.Decide(name, await FindAsync(name, cancellation));
        if (!decision.Push)
            return decision.Reason;
        await RequireLocalAsync(name, cancellation);
        await tools.Gate.ApproveAsync(cancellation);
        tools.Console.Event($"Pushing {name.Reference}: {decision.Reason}");
        var started = tools.Time.GetTimestamp();
        await using var session = await tools.Docker.LoginAsync(await access.PushLoginAsync(cancellation), cancellation);
        _digest = await session.PushAsync(name.Reference, _ => { }, cancellation);
        return $"pushed {name.Reference} as {_digest} in {Figures.Seconds(tools.Time.GetElapsedTime(started))}: {decision.Reason}";
    }

    private async Task<string> LoadAsync(ImageName name, CancellationToken cancellation)
    {
        var context = Settings.Kubernetes.Context ?? "";
        var loader = RequireLoader();
        if (loader.Kind == NodeLoaderKind.None)
            return $"not needed: kubernetes.imageLoader is none, so {name.Reference} must be on the nodes";
        if (loader.Kind == NodeLoaderKind.SharedEngine)
            return $"not needed: {context} runs on the engine that has {name.Reference}";
        await RequireLocalAsync(name, cancellation);
        if (await tools.Loader.HasAsync(loader, name.Reference, cancellation))
            return $"unchanged ({name.Reference} is on the nodes of {loader.Cluster})";
        await tools.Gate.ApproveAsync(cancellation);
        await tools.Loader.LoadAsync(loader, name, cancellation);
        return $"loaded {name.Reference} into {loader.Cluster}";
    }

    /// <summary>Otherwise pods would end in ErrImageNeverPull, long after.</summary>
    private NodeLoader RequireLoader() => NodeLoader.Of(Settings.Kubernetes.Context ?? "", Settings.Kubernetes.ImageLoader)
        ?? throw new BuildException(
            ErrorCode.PushFailed,
            $"There is no way for the image to the nodes of context {Settings.Kubernetes.Context}.",
            "no registry is configured, and the context's name does not tell what runs the cluster",
            "set kubernetes.registry; or kubernetes.imageLoader to kind, k3d, minikube or k3s, or to none when the nodes have the image already");

    private async Task RequireLocalAsync(ImageName name, CancellationToken cancellation) =>
        _ = await tools.Docker.InspectAsync(name.Reference, cancellation)
        ?? throw new BuildException(
            ErrorCode.ImageNotFound,
            $"The Docker engine has no {name.Reference}.",
            "the current sources were never built, or the image was removed",
            "./build.sh --target=BuildImages");

    /// <summary>What an earlier push told docker, where the registry cannot be asked from here.</summary>
    private async Task<string?> PushedDigestAsync(ImageName name, CancellationToken cancellation)
    {
        var image = await tools.Docker.InspectAsync(name.Reference, cancellation);
        var prefix = name.ByDigest("");
        return image?.RepoDigests.FirstOrDefault(digest => digest.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
    }
}
