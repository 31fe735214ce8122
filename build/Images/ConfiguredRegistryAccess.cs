using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Images;

/// <summary>The registry that <c>kubernetes.registry</c> names, with the user and password of the settings.</summary>
public sealed class ConfiguredRegistryAccess(ISettingsProvider settings) : IRegistryAccess
{
    /// <summary>What each login would fail on.</summary>
    public static IReadOnlyList<Finding> Diagnose(KubernetesSettings kubernetes)
    {
        ArgumentNullException.ThrowIfNull(kubernetes);
        if (kubernetes is not { Registry: { } registry, RegistryUser: { } user, RegistryPassword: null })
            return [];
        var failure = NoPassword(user, registry);
        return [new Finding(FindingSeverity.Error, $"registry {registry}", failure.What, failure.Remedy)];
    }

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
        return Kubernetes.RegistryPassword is { } password ? new RegistryLogin(LoginServer(server), user, password) : throw NoPassword(user, registry);
    }

    private static BuildException NoPassword(string user, string registry) => new(
        ErrorCode.RegistryLoginFailed,
        $"There is no password for {user} at {registry}.",
        $"kubernetes.registryUser is set, and {SettingKeys.RegistryPasswordVariable} is not",
        $"set the environment variable {SettingKeys.RegistryPasswordVariable}, or remove kubernetes.registryUser to use docker's own logins");

    /// <summary>A login is for a host, whatever path the repositories have. Docker Hub's has a name of its own.</summary>
    private static string LoginServer(string registry) =>
        registry.Split('/')[0] is var host && host is "docker.io" or "index.docker.io" ? "https://index.docker.io/v1/" : host;
}
