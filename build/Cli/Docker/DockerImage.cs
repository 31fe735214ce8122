namespace Ambrosia.Build.Cli.Docker;

/// <summary>An image in the engine's own store.</summary>
/// <param name="Id">Digest of its configuration.</param>
/// <param name="Platform">As <c>linux/amd64</c>.</param>
/// <param name="RepoDigests">What registries call it, as <c>repository@sha256:…</c>; known after a push or a pull.</param>
/// <param name="Size">Bytes, uncompressed, all layers.</param>
public sealed record DockerImage(string Id, string Platform, IReadOnlyList<string> RepoDigests, long Size);
