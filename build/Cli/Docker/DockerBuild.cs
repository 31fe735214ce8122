namespace Ambrosia.Build.Cli.Docker;

/// <summary>What <c>docker build</c> is told.</summary>
/// <param name="Context">Absolute path of the directory that is sent.</param>
/// <param name="Dockerfile">Absolute path; it may lie outside the context.</param>
public sealed record DockerBuild(string Context, string Dockerfile, string Platform, string Tag)
{
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
