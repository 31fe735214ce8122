namespace Ambrosia.Emulators.Kubernetes.Pods;

/// <summary>A command that someone runs in a container.</summary>
/// <param name="Stdin">What the client sent as its standard input; empty without one.</param>
public sealed record ExecCall(string Namespace, string Pod, string Container, IReadOnlyList<string> Command, string Stdin);
