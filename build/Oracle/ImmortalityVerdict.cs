using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Oracle;

/// <summary>A proof holds when every kill was made and recovered from, and the work lost, doubled and reordered nothing. Pure.</summary>
/// <param name="Holds">Whether it is one.</param>
/// <param name="Text">The outcome, or what is wrong, for a person.</param>
public sealed record ImmortalityVerdict(bool Holds, string Text)
{
    /// <summary>Nothing was lost, but the work was over before every kill was made and recovered from: more of it may show more.</summary>
    public bool EndedEarly { get; init; }

    /// <param name="kills">How many were wanted.</param>
    /// <param name="recoveries">How long the service took, for each kill that it came back from.</param>
    public static ImmortalityVerdict Judge(int kills, IReadOnlyList<TimeSpan> recoveries, OracleVerdict work)
    {
        ArgumentNullException.ThrowIfNull(recoveries);
        ArgumentNullException.ThrowIfNull(work);
        return work.Holds && recoveries.Count >= kills
            ? new(true, $"{kills} kills survived, {work.Text}, slowest recovery {Figures.Seconds(recoveries.DefaultIfEmpty(TimeSpan.Zero).Max())}")
            : new(
                false,
                $"{recoveries.Count} of {kills} kills survived, {work.Text}"
                    + $": {work.Problem ?? "the work ended before all kills were made and recovered from"}.")
            {
                EndedEarly = work.Holds,
            };
    }
}
