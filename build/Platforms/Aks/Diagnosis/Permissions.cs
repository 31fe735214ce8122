using System.Text.Json;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>What the login may do at one scope.</summary>
public sealed class Permissions(IReadOnlyList<JsonElement> entries)
{
    /// <summary>
    /// True where one role grants the action and does not take it away again: <c>notActions</c> are holes in one role, not prohibitions
    /// (https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notactions).
    /// </summary>
    public bool Allow(string action) => entries.Any(entry =>
        entry.Items("actions").Any(pattern => Matches(pattern.GetString(), action))
        && !entry.Items("notActions").Any(pattern => Matches(pattern.GetString(), action)));

    internal static bool Matches(string? pattern, string action)
    {
        if (pattern is null)
            return false;
        var parts = pattern.Split('*');
        if (parts.Length == 1)
            return string.Equals(pattern, action, StringComparison.OrdinalIgnoreCase);
        if (!action.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase))
            return false;
        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = action.IndexOf(part, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
                return false;
            at = found + part.Length;
        }

        return action.Length - at >= parts[^1].Length && action.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase);
    }
}
