namespace Ambrosia.Build.Planning;

/// <summary>What a comparison of the settings with what exists comes to, for one resource.</summary>
public enum ChangeKind
{
    Unchanged,
    Create,
    Update,

    /// <summary>Made by us and wanted no more.</summary>
    Delete,

    /// <summary>It cannot be made so: an immutable property differs, or something of that name is not ours. Stops a run before its first mutation.</summary>
    Conflict,
}

/// <summary>One property of an update or conflict. Never a secret: a key's change is told by its name alone.</summary>
public sealed record PropertyChange(string Name, string? Old, string? New);

/// <summary>One row of the plan.</summary>
/// <param name="Step">The task that carries it out, such as <c>ProvisionStorage</c>.</param>
/// <param name="Resource">Kind and name for a person: "storage account hellostorage", "StatefulSet generated-perftestclient".</param>
/// <param name="Reason">Why: "does not exist", "as configured", "made by somebody else (no tag ambrosia-deployment)".</param>
/// <param name="Remedy">For a conflict: what to do about it.</param>
public sealed record PlannedChange(
    string Step, string Resource, ChangeKind Kind, string Reason, IReadOnlyList<PropertyChange> Properties, string? Remedy = null)
{
    public PlannedChange(string step, string resource, ChangeKind kind, string reason)
        : this(step, resource, kind, reason, [])
    {
    }
}
