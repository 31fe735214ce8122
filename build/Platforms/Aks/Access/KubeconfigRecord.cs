using System.Text.Json;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>Beside a private kubeconfig: for which cluster it was fetched.</summary>
/// <param name="Fqdn">Changes when a cluster of the same name is made anew, and its certificates with it.</param>
/// <param name="Created">When ARM says that the cluster was made; empty where it does not.</param>
internal sealed record KubeconfigRecord(string ClusterId, string? Fqdn, string Created, bool NeedsKubelogin)
{
    public const string FileName = "kubeconfig.json";

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>True where the kubeconfig that <paramref name="text"/> was written beside is still that cluster's.</summary>
    public bool Matches(string? text)
    {
        if (text is null)
            return false;
        try
        {
            var kept = JsonSerializer.Deserialize<KubeconfigRecord>(text);
            return kept is not null && string.Equals(kept.ClusterId, ClusterId, StringComparison.OrdinalIgnoreCase)
                && kept.Fqdn == Fqdn && kept.Created == Created && kept.NeedsKubelogin == NeedsKubelogin;
        }
        catch (JsonException)
        {
            return false; // written by an interrupted run
        }
    }
}
