namespace Ambrosia.Build.Cli.Docker;

/// <summary>Docker with a login, or with the user's own. Closing it logs out: the password stays nowhere.</summary>
public sealed class DockerSession(DockerCli docker, string? server, IReadOnlyList<string> options, string? endpoint) : IAsyncDisposable
{
    internal string? Server => server;

    internal IReadOnlyList<string> Options => options;

    internal IReadOnlyDictionary<string, string?> Environment { get; } = endpoint is null
        ? new Dictionary<string, string?>()
        : new Dictionary<string, string?> { ["DOCKER_HOST"] = endpoint, ["DOCKER_CONTEXT"] = null };

    /// <returns>The digest under which the registry has the image now.</returns>
    /// <exception cref="Errors.BuildException">AMB4004, AMB4005 with docker's own words and the likely cause.</exception>
    public Task<string> PushAsync(string reference, Action<string> onLine, CancellationToken cancellation) =>
        docker.PushAsync(reference, this, onLine, cancellation);

    /// <summary>Which manifest the registry has under this name; null where it has none, or docker cannot tell.</summary>
    public Task<string?> ManifestDigestAsync(string reference, CancellationToken cancellation) =>
        docker.ManifestDigestAsync(reference, this, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
            await docker.LogoutAsync(this);
    }
}
