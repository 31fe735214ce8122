namespace Ambrosia.Build.Arguments;

/// <summary>Guesses what a mistyped name was meant to be.</summary>
public static class NearestName
{
    /// <summary>The known name with the fewest typing errors from <paramref name="typed"/>; null where none is near enough to be meant.</summary>
    public static string? Of(string typed, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(typed);
        var nearest = known
            .Select(name => (Name: name, Distance: Distance(Fold(typed), Fold(name))))
            .OrderBy(candidate => candidate.Distance)
            .FirstOrDefault();
        return nearest.Name is { } name && nearest.Distance <= Tolerance(typed, name) ? name : null;
    }

    /// <summary>
    /// Damerau-Levenshtein distance (optimal string alignment): letters inserted, left out, replaced, or swapped with their neighbour.
    /// </summary>
    public static int Distance(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var distances = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++)
            distances[i, 0] = i;
        for (var j = 0; j <= right.Length; j++)
            distances[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = distances[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                var best = Math.Min(Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1, replaced);
                var swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
                distances[i, j] = swapped ? Math.Min(best, distances[i - 2, j - 2] + 1) : best;
            }
        }

        return distances[left.Length, right.Length];
    }

    private static string Fold(string name) => name.ToUpperInvariant();

    /// <summary>One error in three letters, and always one.</summary>
    private static int Tolerance(string typed, string name) => Math.Max(1, Math.Max(typed.Length, name.Length) / 3);
}
