using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>What the nodes need to pull, by <c>azure.registry.auth</c>.</summary>
public interface IPullCredentials
{
    /// <summary>Null where the nodes' own identity may pull. Otherwise a new password, which cannot be read again: ask only when it is needed.</summary>
    Task<RegistryLogin?> GetAsync(CancellationToken cancellation);
}
