namespace Ambrosia.Emulators.Kubernetes;

/// <summary>How an emulated cluster is made.</summary>
public sealed record EmulatorOptions
{
    /// <summary>The version that the server says it has; rules that differ between versions follow its minor number.</summary>
    public string GitVersion { get; init; } = "v1.33.5";

    /// <summary>The cluster's nodes, by name; linux/amd64 and ready.</summary>
    public IReadOnlyList<string> Nodes { get; init; } = ["node1"];

    /// <summary>kubernetes.io/arch of the nodes.</summary>
    public string Architecture { get; init; } = "amd64";

    /// <summary>Names of storage classes that provision volumes; the first one is the default class.</summary>
    public IReadOnlyList<string> StorageClasses { get; init; } = ["standard"];

    public PodTimes Times { get; init; } = new();

    /// <summary>Whether the server's certificate is expired since yesterday.</summary>
    public bool ExpiredCertificate { get; init; }

    /// <summary>Whether the server's certificate is made out to another name.</summary>
    public bool CertificateOfAnotherName { get; init; }

    /// <summary>Whether a watch may begin with the objects that are there (sendInitialEvents); a server without it answers 422.</summary>
    public bool WatchList { get; init; } = true;

    /// <summary>Groups of an API server behind this one that is down, such as <c>metrics.k8s.io</c>: they are announced, and nobody answers for them.</summary>
    public IReadOnlyList<string> SilentGroups { get; init; } = [];

    /// <summary>How long a provisioner takes to delete a volume that nobody claims any more.</summary>
    public TimeSpan VolumeDeletion { get; init; }

    /// <summary>Whether StatefulSets make pods, claims are bound, and so on. Without it every status is what the test writes with <see cref="ClusterState.Change"/>.</summary>
    public bool Controllers { get; init; } = true;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
