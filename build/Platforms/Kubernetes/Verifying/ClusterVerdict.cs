using Ambrosia.Build.Oracle;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>The oracle in a cluster, where pods take their lines with them, and where the app may be Microsoft's. Pure.</summary>
internal static class ClusterVerdict
{
    public static OracleVerdict Judge(WorkProgress progress, BuildSettings settings)
    {
        // The Server prints its totals when the Job, all rounds done, asks for them: that a Job's own DONE went with its pod takes nothing away.
        var seen = progress.ServerDone ? progress with { JobDone = true } : progress;
        // Microsoft's app counts bytes only.
        if (settings.Runtime == RuntimeKind.Ambrosia)
            seen = seen with { OutOfOrder = seen.OutOfOrder ?? 0 };
        return OracleVerdict.Judge(seen, settings.Verify.ExpectedBytes);
    }
}
