using System.Text.Json.Nodes;
using Ambrosia.Coordinator.Storage.Leases;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>The claims to a lease, as they lie in a log directory.</summary>
internal static class Claims
{
    /// <summary>The oldest first.</summary>
    public static string[] In(string log) => [.. Directory.GetFiles(log, "*.lease").Order(StringComparer.Ordinal)];

    /// <summary>Nobody is writing it.</summary>
    public static bool NewestIsStable(string log) => File.ReadAllText(In(log)[^1]).EndsWith('}');

    public static void RewriteNewest(string log, Action<JsonNode> change)
    {
        var path = In(log)[^1];
        var claim = JsonNode.Parse(File.ReadAllText(path))!;
        change(claim);
        File.WriteAllText(path, claim.ToJsonString());
    }

    /// <summary>
    /// From the last claim of one owner to the first one of the present owner, by the file system's stamps of their creation: it knows one
    /// clock, and no busy machine makes the time shorter. The stamps are as exact as a tick of the kernel's.
    /// </summary>
    public static TimeSpan TimeToSuccession(string log)
    {
        // A claim whose maker was stopped before it had described it has no owner's name, and is not the present owner's.
        var claims = In(log).Select(path => (LeaseClaim.FromBytes(File.ReadAllBytes(path))?.Owner, At: File.GetCreationTimeUtc(path))).ToArray();
        var first = Array.FindLastIndex(claims, claim => claim.Owner != claims[^1].Owner) + 1;
        return claims[first].At - claims[first - 1].At;
    }
}
