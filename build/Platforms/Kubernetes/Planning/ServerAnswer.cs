using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>
/// What the server would make of an update. A mutating policy of the cluster (Kyverno, Gatekeeper, a webhook) may write over what is applied,
/// without being told as its owner (https://github.com/kyverno/kyverno/issues/5077): such a field differs for ever, and no update changes it. Pure.
/// </summary>
internal static class ServerAnswer
{
    /// <summary>What differs from write to write, or says who wrote.</summary>
    private static readonly string[] Bookkeeping = ["managedFields", "resourceVersion", "generation"];

    /// <summary>The objects to ask about. A Secret is told by an annotation of its own content, which nobody else knows to write.</summary>
    public static IReadOnlyList<KubeObject> Questions(KubernetesPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        // Without its image a plan is not applied.
        return plan.Spec.Image is null ? [] : [.. plan.Of(ObjectAction.Update).Where(planned => planned.Object.Kind != "Secret").Select(Question)];
    }

    /// <param name="answers">The objects of <see cref="Questions"/> as the server would store them; those are missing that are not known.</param>
    public static KubernetesPlan Consider(KubernetesPlan plan, IEnumerable<KubeObject> answers)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var byId = answers.ToLookup(answer => answer.Id);
        var considered = plan with
        {
            Objects =
            [
                .. plan.Objects.Select(planned => planned.Action == ObjectAction.Update && byId[planned.Object.Id].FirstOrDefault() is { } answer
                    ? Consider(planned, answer)
                    : planned),
            ],
        };
        // Those alone that turned out to keep their code: the records of the others are right.
        var before = plan.Workloads.Where(workload => workload.ChangesCode).Select(workload => workload.Instance).ToHashSet();
        var same = considered.Workloads.Where(workload => before.Contains(workload.Instance) && !workload.ChangesCode).ToDictionary(workload => workload.Instance!);
        return considered with
        {
            Objects =
            [
                .. considered.Objects.Select(planned => planned is { Action: ObjectAction.Update, Wanted.Kind: "PersistentVolumeClaim", Instance: { } instance }
                    && same.TryGetValue(instance, out var workload)
                        ? WithRecord(planned, workload)
                        : planned),
            ],
        };
    }

    /// <summary>A claim that was to record other code than it has logs of.</summary>
    private static PlannedObject WithRecord(PlannedObject claim, PlannedObject workload)
    {
        var wanted = PlannedLogWriters.OfSameCode(claim, workload);
        var differences = ObjectComparison.Compare(wanted, claim.Live!);
        return differences.Count == 0
            ? new PlannedObject(wanted, claim.Live, ObjectAction.Unchanged, claim.Overridden ?? "as configured") { Overridden = claim.Overridden }
            : claim with { Wanted = wanted, Differences = differences, Reason = KubernetesPlanner.ReasonOf(wanted, differences) };
    }

    /// <summary>As it is wanted, but the note of the image before is left as it is: whether that image changes is what is asked.</summary>
    private static KubeObject Question(PlannedObject planned) => planned.Object.Kind == "StatefulSet" ? WithNoteOf(planned.Live!, planned.Wanted!) : planned.Wanted!;

    private static PlannedObject Consider(PlannedObject planned, KubeObject answer)
    {
        var live = planned.Live!;
        var changed = ObjectComparison.Compare(Stored(answer), live).Select(difference => difference.Path).ToHashSet(StringComparer.Ordinal);
        var keepsImage = planned.Object.Kind == "StatefulSet" && KubernetesPlanner.ImageOf(answer) == KubernetesPlanner.ImageOf(live);
        var wanted = keepsImage ? Question(planned) : planned.Wanted!;
        var differences = keepsImage ? ObjectComparison.Compare(wanted, live) : planned.Differences;
        var mutated = differences.Where(difference => !changed.Contains(difference.Path) && !IsNote(difference)).ToList();
        if (mutated.Count == 0)
            return planned;
        var left = differences.Except(mutated).ToList();
        return left.Count == 0
            ? new PlannedObject(wanted, live, ObjectAction.Unchanged, Reason(mutated)) { Overridden = Reason(mutated) }
            : planned with { Wanted = wanted, Differences = left, Reason = $"{KubernetesPlanner.ReasonOf(wanted, left)}; {Reason(mutated)}", Overridden = Reason(mutated) };
    }

    private static KubeObject Stored(KubeObject answer)
    {
        var copy = (JsonObject)answer.Content.DeepClone();
        foreach (var name in Bookkeeping)
            (copy["metadata"] as JsonObject)?.Remove(name);
        return new KubeObject(copy);
    }

    private static KubeObject WithNoteOf(KubeObject live, KubeObject wanted) =>
        wanted.WithAnnotation(Naming.PreviousImageAnnotation, live.Annotation(Naming.PreviousImageAnnotation));

    private static bool IsNote(FieldDifference difference) => difference.Path == $"metadata.annotations.{Naming.PreviousImageAnnotation}";

    private static string Reason(List<FieldDifference> mutated)
    {
        var first = mutated[0];
        var others = mutated.Count switch
        {
            1 => "",
            2 => ", and 1 field more",
            var count => $", and {count - 1} fields more",
        };
        return $"the cluster {(first.Old is null ? $"removes {first.Path}" : $"changes {first.Path} to {first.Old}")}{others}";
    }
}
