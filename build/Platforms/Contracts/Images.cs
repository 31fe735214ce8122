namespace Ambrosia.Build.Platforms.Contracts;

/// <summary>An image as manifests refer to it: by digest, or by content tag where no registry gave one; never <c>:latest</c>.</summary>
/// <param name="Reference"><c>host/repository@sha256:…</c>, <c>host/repository:tag</c> or a public image.</param>
/// <param name="IsPublic">Published by somebody else (<c>images.public</c>): neither built nor pushed here.</param>
/// <param name="IsOnNodes">Loaded into the nodes: there is no registry to pull it from, so it must not be pulled.</param>
public sealed record ContainerImage(string Reference, bool IsPublic, bool IsOnNodes);

/// <summary>The image that a deployment runs.</summary>
public interface IImageSource
{
    /// <summary>
    /// The image of the current sources: what this run has built and pushed, or, with <c>--exclusive</c>, what an earlier run has.
    /// </summary>
    /// <exception cref="Errors.BuildException">AMB4006: it was never built or pushed; the remedy names the target.</exception>
    Task<ContainerImage> ResolveAsync(CancellationToken cancellation);
}

/// <summary>Name and password for a registry. The password is a secret: it travels by standard input alone.</summary>
public sealed record RegistryLogin(string Server, string User, string Password)
{
    public override string ToString() => $"{User} at {Server}";
}

/// <summary>Where images are pushed to and how to get in.</summary>
public interface IRegistryAccess
{
    /// <summary>Host, port and path before the repository's name, such as <c>hello.azurecr.io</c>; null where there is no registry.</summary>
    Task<string?> ServerAsync(CancellationToken cancellation);

    /// <summary>The login for a push; null to use what docker already knows.</summary>
    Task<RegistryLogin?> PushLoginAsync(CancellationToken cancellation);

    /// <summary>The login to look what the registry has; that of a push, where there is no cheaper one.</summary>
    Task<RegistryLogin?> ReadLoginAsync(CancellationToken cancellation);

    /// <summary>What the cluster's nodes need to pull, to be put into the pull Secret; null where they get in by themselves.</summary>
    Task<RegistryLogin?> PullLoginAsync(CancellationToken cancellation);
}
