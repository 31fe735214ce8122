namespace Ambrosia.Build.Platforms.Kubernetes.Following;

/// <param name="Reason">Such as <c>Error</c>, <c>OOMKilled</c>, <c>Completed</c>.</param>
/// <param name="At">In whole seconds.</param>
public sealed record ContainerEnd(int ExitCode, string? Reason, DateTimeOffset? At);
