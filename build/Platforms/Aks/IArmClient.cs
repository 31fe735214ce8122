using System.Text.Json;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Reads from Azure Resource Manager. Throttling (Retry-After), 409 in progress and 5xx are retried; no answer of ours changes anything.</summary>
public interface IArmClient
{
    /// <param name="path">From <c>/subscriptions/</c> on, without query.</param>
    /// <returns>Null for 404.</returns>
    /// <exception cref="Errors.BuildException">AMB3001 for 401, AMB3002 for 403, AMB3004 for everything else.</exception>
    Task<JsonElement?> GetAsync(string path, string apiVersion, CancellationToken cancellation);

    /// <summary>All elements of a listing, over all its pages; empty for 404.</summary>
    /// <param name="query">Such as <c>$filter=atScope()</c>, not escaped; null for none.</param>
    Task<IReadOnlyList<JsonElement>> ListAsync(string path, string apiVersion, string? query, CancellationToken cancellation);

    /// <summary>A POST that reads, such as listKeys or checkNameAvailability.</summary>
    Task<JsonElement?> PostAsync(string path, string apiVersion, JsonElement? body, CancellationToken cancellation);
}
