using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>What the nodes pull with where <c>registry.auth</c> is <c>token</c> or <c>servicePrincipal</c>.</summary>
public interface IPullCredentials
{
    /// <returns>Null where the nodes get in by themselves (<c>managedIdentity</c>, a public image).</returns>
    Task<RegistryLogin?> GetAsync(CancellationToken cancellation);
}
