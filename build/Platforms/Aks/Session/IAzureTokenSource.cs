using Azure.Core;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>Tokens of the identity that az is logged in with.</summary>
public interface IAzureTokenSource
{
    /// <param name="audience">What the token is for, as <c>az account get-access-token --resource</c> takes it.</param>
    /// <exception cref="Errors.BuildException">AMB2001: az is missing. AMB2003: it did not answer. AMB3001: it is not logged in, or its login is over.</exception>
    Task<AccessToken> GetTokenAsync(string audience, string subscription, CancellationToken cancellation);
}
