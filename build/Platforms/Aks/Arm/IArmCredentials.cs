namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Where Azure Resource Manager is, and the word with which it lets us in.</summary>
public interface IArmCredentials
{
    Task<Uri> GetEndpointAsync(CancellationToken cancellation);

    /// <summary>A bearer token of the session's identity, fetched where there is none that lasts.</summary>
    /// <param name="refused">A token that was refused with 401 and must not be given again; null at first.</param>
    /// <exception cref="Errors.BuildException">AMB3001.</exception>
    Task<string> GetTokenAsync(string? refused, CancellationToken cancellation);
}
