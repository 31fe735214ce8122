namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>The folder of one instance on a share, as its claim's labels name it: the instance may be configured no more.</summary>
public sealed record LogFolder(string Deployment, string Instance);
