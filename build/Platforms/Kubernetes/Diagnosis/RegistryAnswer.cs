using Ambrosia.Build.Cli.Docker;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>What a registry has answered a node, read from the kubelet's message; container runtimes and registries word it differently. Pure.</summary>
internal static class RegistryAnswer
{
    private const string PlainHttp = "server gave HTTP response to HTTPS client";

    /// <summary>In this order: Docker Hub says "denied" also of what does not exist, and then that is what it says first.</summary>
    private static readonly (RolloutProblemKind Kind, string[] Texts)[] Answers =
    [
        (RolloutProblemKind.PullRateLimited, ["toomanyrequests", "429 Too Many Requests", "rate limit"]),
        (RolloutProblemKind.NodeDiskFull, ["no space left on device", "disk quota exceeded"]),
        (RolloutProblemKind.WrongPlatform, ["no match for platform", "no matching manifest for", "does not match the specified platform"]),
        (
            RolloutProblemKind.PullRefused,
            [
                "401 Unauthorized", "403 Forbidden", "authentication required", "authorization failed", "no basic auth credentials",
                "insufficient_scope", "failed to fetch anonymous token", "failed to fetch oauth token", "pull access denied", "unauthorized:", "denied:",
            ]),
        (RolloutProblemKind.ImageNotFound, ["manifest unknown", "not found", "name unknown"]),
        (
            RolloutProblemKind.RegistryUnreachable,
            [
                "no such host", "dial tcp", "i/o timeout", "connection refused", "connection reset", "TLS handshake", "x509:", "server misbehaving",
                "context deadline exceeded", PlainHttp, "502 Bad Gateway", "503 Service Unavailable", ": EOF",
            ]),
    ];

    /// <param name="image">The image as the node was told it: where its registry is the node itself, another try finds it no better.</param>
    public static RolloutProblemKind Classify(string message, string image) => Classify(message) switch
    {
        RolloutProblemKind.RegistryUnreachable when message.Contains(PlainHttp, StringComparison.OrdinalIgnoreCase) => RolloutProblemKind.RegistryWithoutTls,
        RolloutProblemKind.RegistryUnreachable when RegistryAddress.IsLoopback(image) => RolloutProblemKind.RegistryOnNode,
        var kind => kind,
    };

    public static RolloutProblemKind Classify(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Answers.FirstOrDefault(
            answer => answer.Texts.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase)),
            (RolloutProblemKind.PullFailed, [])).Kind;
    }

    public static (string Cause, string Cure) Advice(RolloutProblemKind kind, string image) => kind switch
    {
        RolloutProblemKind.PullRefused => (
            "the registry refuses the nodes; a role assignment that was just made takes minutes to be known everywhere",
            $"wait, and run again; then check that the nodes may pull {image}: AcrPull for the cluster's kubelet identity on aks, the pull Secret elsewhere"),
        RolloutProblemKind.ImageNotFound => (
            "the registry has no such image: it was never pushed there, or was removed", "push it: ./build.sh --target=Push, and deploy again"),
        RolloutProblemKind.PullRateLimited => (
            "the registry limits how often it may be asked", "wait, or use a registry of your own or one with a login"),
        RolloutProblemKind.RegistryUnreachable => (
            "the nodes do not reach the registry", "check the registry's name as the nodes see it, its certificate, and the nodes' way out of the network"),
        RolloutProblemKind.RegistryOnNode => (
            $"{RegistryAddress.Host(image)} is, on a node, the node itself, and nothing answers there",
            $"give the nodes a mirror for that name ({RegistryAddress.MirrorGuides}), or set kubernetes.pullRegistry to the registry's name as the nodes see it"),
        RolloutProblemKind.RegistryWithoutTls => (
            "the registry speaks plain HTTP, and the nodes were not told so",
            $"give the registry a certificate, or tell the nodes ({RegistryAddress.MirrorGuides})"),
        RolloutProblemKind.WrongPlatform => (
            "the image was built for another processor than the node's", "set images.platform to the nodes' (kubectl get nodes -o wide), and run again"),
        RolloutProblemKind.NodeDiskFull => ("the node's disk is full", "free space on the node, or use nodes with larger disks"),
        _ => ("the node could not pull the image", "see the registry's answer above"),
    };
}
