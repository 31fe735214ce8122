using System.Text.RegularExpressions;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Why the scheduler finds no node. Pure.</summary>
internal static partial class SchedulingFailure
{
    public static RolloutProblem Explain(string instance, V1Pod pod, string message, RolloutSnapshot snapshot)
    {
        if (MissingClaim().Match(message) is { Success: true } missing)
        {
            return Problem(
                RolloutProblemKind.ClaimMissing, $"the volume claim {missing.Groups["name"].Value} does not exist", "it was removed, or never made",
                "deploy again: ./build.sh --target=Deploy");
        }

        if (message.Contains("unbound immediate PersistentVolumeClaims", StringComparison.Ordinal) || message.Contains("unbound PersistentVolumeClaims", StringComparison.Ordinal))
            return UnboundClaim(instance, pod, snapshot) ?? Problem(RolloutProblemKind.ClaimUnbound, message, "no volume was made or found for its claim", ClaimCure);
        if (message.Contains("volume node affinity conflict", StringComparison.Ordinal))
        {
            return Problem(
                RolloutProblemKind.Unschedulable, message, "the volume lies in a zone or on a node that no free node belongs to",
                "add a node in the volume's zone, or clean the logs and deploy again: ./build.sh --target=Clean --scope=logs");
        }

        if (Insufficient().Match(message) is { Success: true } lacking)
        {
            var resource = lacking.Groups["resource"].Value;
            return Problem(
                RolloutProblemKind.Unschedulable, message, $"no node has enough {resource} left for what the pod requests",
                $"add a node or larger ones (azure.cluster.nodeCount, .vmSize), or free {resource} on them");
        }

        if (message.Contains("Too many pods", StringComparison.Ordinal))
            return Problem(RolloutProblemKind.Unschedulable, message, "the nodes hold as many pods as they may", "add a node");
        return message switch
        {
            _ when message.Contains("were unschedulable", StringComparison.Ordinal) => Problem(
                RolloutProblemKind.Unschedulable, message, "nodes are cordoned", $"kubectl get nodes shows which; {UserCommands.Line(snapshot.Access, "uncordon", "NODE")} lets pods onto one again"),
            _ when message.Contains("not-ready", StringComparison.Ordinal) || message.Contains("unreachable", StringComparison.Ordinal) => Problem(
                RolloutProblemKind.NodeNotReady, message, "the nodes are not ready", "kubectl describe nodes says why; a cluster that was just started needs minutes"),
            _ when message.Contains("didn't match Pod's node affinity", StringComparison.Ordinal) || message.Contains("didn't match node selector", StringComparison.Ordinal) =>
                Problem(
                    RolloutProblemKind.Unschedulable, message, "no free node is of the image's platform, which the pod's node selector asks for",
                    "set images.platform to the nodes' (kubectl get nodes -L kubernetes.io/os,kubernetes.io/arch), or add a node of that platform"),
            _ when message.Contains("taint", StringComparison.Ordinal) => Problem(
                RolloutProblemKind.Unschedulable, message, "the nodes are reserved by taints that the pod does not tolerate", "add a node without taints"),
            _ when message.Contains("no nodes available", StringComparison.Ordinal) => Problem(
                RolloutProblemKind.Unschedulable, message, "the cluster has no node", "start the cluster's nodes"),
            _ => Problem(RolloutProblemKind.Unschedulable, message, "no node fits the pod", "kubectl get nodes -o wide shows what they offer"),
        };

        RolloutProblem Problem(RolloutProblemKind kind, string what, string cause, string cure) => new(instance, pod.Metadata.Name, kind, what, cause, cure, []);
    }

    private const string ClaimCure = "kubectl get storageclass shows what there is; set kubernetes.storageClass, clean the logs and deploy again";

    private static RolloutProblem? UnboundClaim(string instance, V1Pod pod, RolloutSnapshot snapshot)
    {
        var names = (pod.Spec?.Volumes ?? []).Select(volume => volume.PersistentVolumeClaim?.ClaimName).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var claim in snapshot.Objects.Claims.Where(claim => names.Contains(claim.Metadata.Name) && claim.Status?.Phase != "Bound"))
        {
            var told = snapshot.Events.Events
                .Where(happened => RolloutDiagnosis.IsAbout(happened, claim.Metadata))
                .Where(happened => happened.Type == "Warning" || happened.Reason is "FailedBinding")
                .OrderBy(RolloutDiagnosis.TimeOf).LastOrDefault()?.Message;
            var storageClass = claim.Spec?.StorageClassName;
            var (cause, cure) = told switch
            {
                not null when told.Contains("storageclass", StringComparison.OrdinalIgnoreCase) && told.Contains("not found", StringComparison.Ordinal) =>
                    ($"there is no storage class {storageClass}", ClaimCure),
                not null when told.Contains("no storage class is set", StringComparison.Ordinal) =>
                    ("the claim names no storage class, and the cluster has no default one", ClaimCure),
                not null when told.Contains("quota", StringComparison.OrdinalIgnoreCase) =>
                    ("a quota for storage is used up", "raise the quota, or lower kubernetes.logSizeGiB"),
                not null when told.Contains("waiting for a volume to be created", StringComparison.Ordinal) =>
                    ($"the provisioner of storage class {storageClass} has made no volume yet", "check that the provisioner runs: kubectl get pods -A"),
                _ => ("no volume was made or found for the claim", ClaimCure),
            };
            return new RolloutProblem(
                instance, pod.Metadata.Name, RolloutProblemKind.ClaimUnbound,
                $"the volume claim {claim.Metadata.Name} is {claim.Status?.Phase ?? "Pending"}{(told is null ? "" : $": {told}")}", cause, cure, []);
        }

        return null;
    }

    [GeneratedRegex("""persistentvolumeclaim "(?<name>[^"]+)" not found""")]
    private static partial Regex MissingClaim();

    [GeneratedRegex("Insufficient (?<resource>[A-Za-z0-9./-]+)")]
    private static partial Regex Insufficient();
}
