namespace Ambrosia.Build.Platforms.Aks.Planning;

/// <summary>The service principal of <c>registry.auth: servicePrincipal</c>, as far as it exists.</summary>
/// <param name="AppId">Its application's id, which is also the user name for a pull.</param>
/// <param name="ObjectId">Its object id in the directory; null where it was given from outside, with its rights.</param>
public sealed record PullPrincipal(string AppId, string? ObjectId)
{
    /// <summary>Made beforehand by somebody who may: its id and secret came through the environment, its role is their matter.</summary>
    public bool IsGiven => ObjectId is null;
}
