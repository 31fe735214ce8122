using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>The registry that <c>kubernetes.registry</c> names, with the user and password of the settings.</summary>
public sealed class ConfiguredRegistryAccess(ISettingsProvider settings) : IRegistryAccess
{
    private KubernetesSettings Kubernetes => settings.Settings.Kubernetes;

    public Task<string?> ServerAsync(CancellationToken cancellation) => Task.FromResult(Kubernetes.Registry);

    /// <exception cref="BuildException">AMB4004: there is a user and no password.</exception>
    public Task<RegistryLogin?> PushLoginAsync(CancellationToken cancellation) => Task.FromResult(Login(Kubernetes.Registry));

    /// <exception cref="BuildException">AMB4004: there is a user and no password.</exception>
    public Task<RegistryLogin?> ReadLoginAsync(CancellationToken cancellation) => Task.FromResult(Login(Kubernetes.Registry));

    /// <exception cref="BuildException">AMB4004: there is a user and no password.</exception>
    public Task<RegistryLogin?> PullLoginAsync(CancellationToken cancellation) =>
        Task.FromResult(Login(Kubernetes.PullRegistry ?? Kubernetes.Registry));

    /// <param name="server">The registry by the name that it has for who logs in.</param>
    private RegistryLogin? Login(string? server)
    {
        if (server is null || Kubernetes is not { Registry: { } registry, RegistryUser: { } user })
            return null;
        return Kubernetes.RegistryPassword is { } password
            ? new RegistryLogin(LoginServer(server), user, password)
            : throw new BuildException(
                ErrorCode.RegistryLoginFailed,
                $"There is no password for {user} at {registry}.",
                "kubernetes.registryUser is set, and AMBROSIA_REGISTRY_PASSWORD is not",
                "set the environment variable AMBROSIA_REGISTRY_PASSWORD, or remove kubernetes.registryUser to use docker's own logins");
    }

    /// <summary>A login is for a host, whatever path the repositories have. Docker Hub's has a name of its own.</summary>
    private static string LoginServer(string registry) =>
        registry.Split('/')[0] is var host && host is "docker.io" or "index.docker.io" ? "https://index.docker.io/v1/" : host;
}
