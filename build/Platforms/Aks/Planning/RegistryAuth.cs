namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>Values of <c>azure.registry.auth</c>.</summary>
internal static class RegistryAuth
{
    public const string ManagedIdentity = "managedIdentity";

    public const string Token = "token";

    public const string ServicePrincipal = "servicePrincipal";
}
