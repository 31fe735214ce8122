using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Why a volume cannot be mounted, from the kubelet's message. The numbers are the kernel's, as mount.cifs prints them. Pure.</summary>
internal static class MountFailure
{
    public static RolloutProblem Explain(string instance, V1Pod pod, Corev1Event happened)
    {
        var message = happened.Message ?? "";
        var (kind, cause, cure) = message switch
        {
            _ when Has("mount error(13)") || Has("Permission denied") || Has("AuthenticationFailed") || Has("STATUS_LOGON_FAILURE") => (
                RolloutProblemKind.MountRefused, "the share refuses the key: it was rotated, or the account forbids shared keys",
                "deploy again, which renews the Secret (./build.sh --target=Deploy); where a policy forbids shared keys set azure.storage.kind to disk"),
            _ when Has("mount error(2)") || Has("ShareNotFound") || Has("The specified share does not exist") => (
                RolloutProblemKind.MountRefused, "there is no such share or folder on the storage account", "provision it: ./build.sh --target=ProvisionStorage"),
            _ when Has("mount error(115)") || Has("mount error(110)") || Has("mount error(112)") || Has("Host is down") || Has("timed out") && Has("445") => (
                RolloutProblemKind.MountFailed, "the nodes do not reach the share on port 445",
                "allow the cluster's network on the storage account and port 445 outwards, or set azure.storage.kind to disk"),
            _ when Has("could not resolve address") || Has("could not be resolved") => (
                RolloutProblemKind.MountFailed, "the storage account's name is unknown to the nodes: it was deleted or made a moment ago", "wait, and check azure.storage.account"),
            _ when Has("secret") && Has("not found") => (
                RolloutProblemKind.SecretMissing, "the Secret with the share's key is missing", "deploy again: ./build.sh --target=Deploy"),
            _ when Has("not found in the list of registered CSI drivers") => (
                RolloutProblemKind.MountFailed, "the volume's CSI driver does not run on that node (yet)", "check the driver's pods: kubectl get pods -n kube-system"),
            _ when Has("Multi-Attach error") => (
                RolloutProblemKind.VolumeInUse, "the disk is still attached to the node of the former pod",
                "wait: a node that is gone gives it up after about six minutes; kubectl get pods -o wide shows where it was"),
            _ => (RolloutProblemKind.MountFailed, "the volume cannot be mounted on the node", "see the message; kubectl describe pod shows all of them"),
        };
        return new RolloutProblem(instance, pod.Metadata.Name, kind, $"a volume cannot be mounted: {message}", cause, cure, []) { IsFromEvents = true };

        bool Has(string text) => message.Contains(text, StringComparison.OrdinalIgnoreCase);
    }
}
