using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>Follows a run from inside its event loop: a view, the killer of a proof.</summary>
public interface IClusterRunObserver
{
    /// <param name="run">As it is after the event.</param>
    /// <param name="happened">Null when time has passed.</param>
    /// <param name="line">What a line of output said; null where it means nothing to the suite.</param>
    void Observe(ClusterRun run, FollowEvent? happened, LogLine? line);
}
