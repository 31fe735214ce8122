using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>All that the manifests are made of. Holds secrets, so it is never printed.</summary>
/// <param name="Image">Null while it is still to be built: a plan can be made, a deployment cannot.</param>
/// <param name="ShareKey">Key of the storage account; null where none is needed, or while it is not known yet.</param>
/// <param name="PullLogin">What nodes need to pull; null where they get in by themselves.</param>
/// <param name="ConnectionString">For Microsoft's runtime: where it keeps its metadata.</param>
public sealed record DeploymentSpec(
    BuildSettings Settings, ContainerImage? Image, LogVolumes Volumes, string? ShareKey, RegistryLogin? PullLogin, string? ConnectionString)
{
    /// <summary>Stands in a plan for what is not known yet.</summary>
    public const string Unknown = "(not known yet)";

    public string ServiceName => Settings.ServiceName;

    public bool IsOriginalRuntime => Settings.Runtime == RuntimeKind.Ambrosia;

    public bool IsOnShare => Volumes is LogVolumes.AzureFileShare;

    /// <summary>Whether the Secret for pulling is referred to, known or not.</summary>
    public bool NeedsPullSecret => PullLogin is not null && Image is not { IsPublic: true } and not { IsOnNodes: true };

    /// <summary>Whether any Secret is made: an account that may not read Secrets can do without, where none is.</summary>
    public bool NeedsSecrets => IsOnShare || IsOriginalRuntime || NeedsPullSecret;

    /// <summary>The same of a configuration alone, before it is known what nodes need to pull: false where no Secret is ever made.</summary>
    public static bool MayMakeSecrets(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Platform == PlatformKind.Aks // a share's key, or a login for the registry
            || settings.Runtime == RuntimeKind.Ambrosia
            || settings is { Images.Public: null, Kubernetes.RegistryUser: not null };
    }

    public override string ToString() => $"{nameof(DeploymentSpec)} of {ServiceName}";
}
