using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

public enum ObjectAction
{
    Unchanged,
    Create,
    Update,

    /// <summary>Deleted and made again: for what cannot be changed and holds nothing that is still wanted.</summary>
    Recreate,

    /// <summary>The instance's folder on the share is emptied; the objects stay.</summary>
    EraseLogs,

    Delete,
    Conflict,
}

/// <summary>What is to be done about one object.</summary>
/// <param name="Wanted">Null for what is deleted.</param>
/// <param name="Live">Null for what does not exist.</param>
public sealed record PlannedObject(
    KubeObject? Wanted, KubeObject? Live, ObjectAction Action, string Reason, IReadOnlyList<FieldDifference> Differences, string? Remedy = null)
{
    private const string Step = "Deploy";

    public PlannedObject(KubeObject? wanted, KubeObject? live, ObjectAction action, string reason)
        : this(wanted, live, action, reason, [])
    {
    }

    /// <summary>What a policy of the cluster makes otherwise than it is wanted, as a clause for a person; null for nothing.</summary>
    public string? Overridden { get; init; }

    public KubeObject Object => Wanted ?? Live!;

    public string? Instance => Object.Label(Naming.InstanceLabel);

    /// <summary>Its pod is replaced by a new one.</summary>
    public bool RollsPod => Action == ObjectAction.Update && Object.Kind == "StatefulSet"
        && Differences.Any(difference => difference.Path.StartsWith("spec.template", StringComparison.Ordinal) || difference.Path == "spec.replicas");

    /// <summary>Its container gets other code, which must not replay what was recorded under the present one.</summary>
    public bool ChangesCode => Differences.Any(difference => difference.IsOfCode);

    public PlannedChange ToChange()
    {
        var kind = Action switch
        {
            ObjectAction.Unchanged => ChangeKind.Unchanged,
            ObjectAction.Create => ChangeKind.Create,
            ObjectAction.Update or ObjectAction.Recreate => ChangeKind.Update,
            ObjectAction.Delete or ObjectAction.EraseLogs => ChangeKind.Delete,
            _ => ChangeKind.Conflict,
        };
        var title = Action == ObjectAction.EraseLogs ? $"logs of {Instance}" : Object.Title;
        return new PlannedChange(Step, title, kind, Reason, [.. Differences.Select(difference => difference.ToProperty())], Remedy);
    }
}
