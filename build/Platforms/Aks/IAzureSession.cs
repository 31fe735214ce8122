namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Who acts, where. The identity that az is logged in with; the token for our reads is the same identity's.</summary>
/// <param name="UserType"><c>user</c> or <c>servicePrincipal</c>, as <c>az account show</c> has it; a managed identity is a servicePrincipal.</param>
/// <param name="Environment">Name of the cloud, such as <c>AzureCloud</c>.</param>
public sealed record AzureAccount(
    string SubscriptionId, string SubscriptionName, string TenantId, string UserName, string UserType, string Environment);

/// <summary>Endpoints of the cloud that az is set to, with a trailing slash each.</summary>
/// <param name="FileSuffix">Host suffix of file services: <c>file.core.windows.net</c>.</param>
public sealed record AzureCloud(
    Uri ResourceManager, string TokenAudience, Uri Graph, string FileSuffix, string? RegistrySuffix);

/// <summary>The login that everything of Azure rests on. Made at the first demand, once a run.</summary>
public interface IAzureSession
{
    /// <exception cref="Errors.BuildException">AMB3001: az is not logged in and cannot be, or does not know the subscription.</exception>
    Task<AzureAccount> GetAccountAsync(CancellationToken cancellation);

    Task<AzureCloud> GetCloudAsync(CancellationToken cancellation);

    /// <summary>Reads (GET or POST of a listing) below the resource manager with the session's token; retries throttling and 5xx, follows nextLink.</summary>
    IArmClient Arm { get; }
}
