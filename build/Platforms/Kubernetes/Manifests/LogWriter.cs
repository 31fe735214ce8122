namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>Code that records messages.</summary>
/// <param name="Image">Its image, for people.</param>
/// <param name="Fingerprint">By which it is told from other code, also of the same image.</param>
public sealed record LogWriter(string Image, string Fingerprint)
{
    /// <summary>What a StatefulSet runs; null where it has no container of ours.</summary>
    public static LogWriter? Of(KubeObject statefulSet)
    {
        ArgumentNullException.ThrowIfNull(statefulSet);
        return ContainerCode.ContainerOf(statefulSet.Content["spec"]) is { } container
            ? new LogWriter((string?)container["image"] ?? "", ContainerCode.Fingerprint(container))
            : null;
    }
}
