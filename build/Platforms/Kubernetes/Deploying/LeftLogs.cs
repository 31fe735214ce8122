using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>Whether code may start from the logs of an instance whose StatefulSet is gone, so that nobody can be asked for a checkpoint. Pure.</summary>
public abstract record LeftLogs
{
    private LeftLogs()
    {
    }

    /// <param name="recorded">What the instance's claim records; null where it records nothing.</param>
    /// <param name="isOriginalRuntime">Microsoft's coordinator takes no checkpoint on demand, so its upgrades replay in any case.</param>
    public static LeftLogs Decide(LogWriters? recorded, LogWriter next, bool isOriginalRuntime) =>
        isOriginalRuntime || recorded is null ? new Warn() : recorded.IsOnly(next) ? new Go() : new Refuse(recorded, next);

    /// <summary>The StatefulSets that are to be made where a claim is already.</summary>
    public static IEnumerable<(PlannedObject Workload, PlannedObject Claim, LeftLogs Decision)> In(KubernetesPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var claims = plan.Objects.Where(item => item is { Wanted.Kind: "PersistentVolumeClaim", Live: not null }).ToLookup(item => item.Instance);
        return
            from workload in plan.Workloads
            where workload.Action == ObjectAction.Create
            let claim = claims[workload.Instance].FirstOrDefault()
            where claim is not null
            select (workload, claim, Decide(LogWriters.Of(claim.Live!), LogWriter.Of(workload.Wanted!)!, plan.Spec.IsOriginalRuntime));
    }

    /// <summary>A plan that shows what <see cref="Checkpoints"/> would refuse, before anything is built or pushed. Of a plan without <c>--fresh</c>.</summary>
    public static KubernetesPlan Show(KubernetesPlan plan, ClusterAccess access)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Spec.Image is null)
            return plan; // which code it will be is not known yet
        var refused = new Dictionary<string, PlannedObject>();
        foreach (var (workload, claim, decision) in In(plan))
        {
            if (decision is not Refuse refusal)
                continue;
            refused[workload.Object.Id] = workload with
            {
                Action = ObjectAction.Conflict,
                Reason = refusal.Reason(workload.Instance!),
                Remedy = refusal.Remedy(access, plan.Spec.ServiceName, workload.Instance!, claim.Object.Id, plan.Spec.IsOnShare),
            };
        }

        return refused.Count == 0 ? plan : plan with { Objects = [.. plan.Objects.Select(item => refused.GetValueOrDefault(item.Object.Id, item))] };
    }

    /// <summary>They were recorded by the same code.</summary>
    public sealed record Go : LeftLogs;

    /// <summary>Nobody knows what recorded them.</summary>
    public sealed record Warn : LeftLogs;

    /// <summary>Other code recorded them, or may have.</summary>
    public sealed record Refuse(LogWriters Recorded, LogWriter Next) : LeftLogs
    {
        /// <param name="claim">As kubectl takes it.</param>
        public BuildException ToException(ClusterAccess access, string serviceName, string instance, string claim, bool isOnShare) => new(
            ErrorCode.CheckpointUnavailable,
            $"{Reason(instance)}. Nothing was changed.",
            "the new code would replay messages that were recorded under other code, and might understand them otherwise",
            Remedy(access, serviceName, instance, claim, isOnShare));

        internal string Reason(string instance) => $"{instance} has logs and no StatefulSet, so nobody can be asked for a checkpoint, and {Description}";

        internal string Remedy(ClusterAccess access, string serviceName, string instance, string claim, bool isOnShare)
        {
            var alone = isOnShare ? "" : $"; {UserCommands.Line(access, "delete", claim)} lets {instance} alone do so";
            return $"{WayBack(access, claim)}; ./build.sh --target=Deploy --fresh starts {serviceName} from empty logs{alone}";
        }

        private string Description => Recorded.All switch
        {
            [var only] when only.Image == Next.Image => $"they were recorded by {only.Image} with another command, other arguments or another environment",
            [var only] => $"they were recorded by {only.Image}",
            var several => $"they may have been recorded by {string.Join(" or by ", several.Select(writer => writer.Image).Distinct())}: that upgrade was not finished",
        };

        private string WayBack(ClusterAccess access, string claim) => Recorded.All switch
        {
            [var only] when only.Image == Next.Image =>
                "set back in the configuration what has changed for the instances, deploy, and change it then: what runs is asked for a checkpoint",
            [var only] => $"./build.sh --target=Deploy --image={Checkpoints.Argument(only.Image)} runs what recorded them, and the next deployment upgrades it with a checkpoint",
            _ => $"if you know which one ran last, {UserCommands.Line(access, "annotate", claim, $"{Naming.LogCodeAnnotation}-")} takes the record away, and --image deploys that one",
        };
    }
}
