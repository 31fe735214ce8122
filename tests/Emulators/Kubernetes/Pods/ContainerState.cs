namespace Ambrosia.Emulators.Kubernetes.Pods;

internal enum ContainerState
{
    Waiting,
    Running,
    Terminated,
}
