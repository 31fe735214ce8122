using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;

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

    /// <summary>They were recorded by the same code.</summary>
    public sealed record Go : LeftLogs;

    /// <summary>Nobody knows what recorded them.</summary>
    public sealed record Warn : LeftLogs;

    /// <summary>Other code recorded them, or may have.</summary>
    public sealed record Refuse(LogWriters Recorded, LogWriter Next) : LeftLogs
    {
        /// <param name="claim">As kubectl takes it.</param>
        public BuildException ToException(string serviceName, string instance, string claim, bool isOnShare)
        {
            var alone = isOnShare ? "" : $"; kubectl delete {claim} lets {instance} alone do so";
            return new BuildException(
                ErrorCode.CheckpointUnavailable,
                $"{instance} has logs and no StatefulSet, so nobody can be asked for a checkpoint, and {Description}. Nothing was changed.",
                "the new code would replay messages that were recorded under other code, and might understand them otherwise",
                $"{WayBack(claim)}; ./build.sh --target=Deploy --fresh starts {serviceName} from empty logs{alone}");
        }

        private string Description => Recorded.All switch
        {
            [var only] when only.Image == Next.Image => $"they were recorded by {only.Image} with another command, other arguments or another environment",
            [var only] => $"they were recorded by {only.Image}",
            var several => $"they may have been recorded by {string.Join(" or by ", several.Select(writer => writer.Image).Distinct())}: that upgrade was not finished",
        };

        private string WayBack(string claim) => Recorded.All switch
        {
            [var only] when only.Image == Next.Image =>
                "set back in the configuration what has changed for the instances, deploy, and change it then: what runs is asked for a checkpoint",
            [var only] => $"./build.sh --target=Deploy --image={Checkpoints.Argument(only.Image)} runs what recorded them, and the next deployment upgrades it with a checkpoint",
            _ => $"if you know which one ran last, kubectl annotate {claim} {Naming.LogCodeAnnotation}- takes the record away, and --image deploys that one",
        };
    }
}
