namespace Ambrosia.Build.Planning;

/// <summary>All that a run would change outside this checkout, in the order in which it would be done. Immutable.</summary>
/// <param name="Notes">What else should be known before it is done, such as the estimated cost: one line each.</param>
public sealed record DeploymentPlan(IReadOnlyList<PlannedChange> Changes, IReadOnlyList<string> Notes)
{
    /// <summary>Exit codes of <c>--target=Plan</c>: nothing to do, conflicts, changes to make.</summary>
    public const int NothingToDo = 0, HasConflictsExit = 1, HasChangesExit = 2;

    public static DeploymentPlan Empty { get; } = new([], []);

    public IEnumerable<PlannedChange> Conflicts => Changes.Where(change => change.Kind == ChangeKind.Conflict);

    /// <summary>True when something would be made, changed or removed.</summary>
    public bool HasChanges => Changes.Any(change => change.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Delete);

    public int ExitCode => Conflicts.Any() ? HasConflictsExit : HasChanges ? HasChangesExit : NothingToDo;

    /// <summary>The part that the given steps carry out; the notes stay.</summary>
    public DeploymentPlan Of(Func<string, bool> isWanted) => this with { Changes = [.. Changes.Where(change => isWanted(change.Step))] };

    /// <summary>"2 to create, 1 to update, 5 unchanged".</summary>
    public string Summary
    {
        get
        {
            (ChangeKind Kind, string Words)[] words =
            [
                (ChangeKind.Conflict, "in conflict"), (ChangeKind.Create, "to create"), (ChangeKind.Update, "to update"),
                (ChangeKind.Delete, "to delete"), (ChangeKind.Unchanged, "unchanged"),
            ];
            var parts = words
                .Select(word => (Count: Changes.Count(change => change.Kind == word.Kind), word.Words))
                .Where(part => part.Count > 0)
                .Select(part => $"{part.Count} {part.Words}");
            return Changes.Count == 0 ? "nothing outside this checkout" : string.Join(", ", parts);
        }
    }
}
