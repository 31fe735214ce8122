using System.Text.RegularExpressions;
using Ambrosia.Build.Cli.Kubernetes;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>What of a namespace kubectl could not look at. Pure.</summary>
internal static partial class UnseenParts
{
    private const string Incomplete = "unable to retrieve the complete list of server APIs: ";

    /// <summary>Half a sentence for a person; null after success.</summary>
    public static string? Of(KubectlResult result) => result switch
    {
        { Succeeded: true } => null,
        // Kubernetes itself does not finish the deletion of a namespace whose contents it cannot list (NamespaceDeletionDiscoveryFailure).
        _ when SilentApis(result.StandardError) is { Count: > 0 } silent =>
            $"the cluster's API {string.Join(", ", silent)} does not answer, so something of others may be there, and Kubernetes deletes no namespace meanwhile",
        { Failure.Kind: KubectlFailureKind.Forbidden } => "this account may not look at everything in it, so something of others may be there",
        _ => "not everything in it could be looked at, so something of others may be there",
    };

    /// <summary>Names such as <c>metrics.k8s.io/v1beta1</c> (kubernetes/kubernetes#72051).</summary>
    internal static IReadOnlyList<string> SilentApis(string error)
    {
        var at = error.IndexOf(Incomplete, StringComparison.Ordinal);
        return at < 0 ? [] : [.. GroupVersion().Matches(error, at + Incomplete.Length).Select(match => match.Value).Distinct()];
    }

    [GeneratedRegex(@"(?<=^|, |: )[a-z0-9.-]+/v[a-z0-9]+(?=: )")]
    private static partial Regex GroupVersion();
}
