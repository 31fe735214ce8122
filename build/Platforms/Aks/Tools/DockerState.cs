using Ambrosia.Build.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>Docker's client, and the daemon that it reaches.</summary>
/// <param name="DaemonPlatform"><c>linux/amd64</c>; null where no daemon answers.</param>
/// <param name="DaemonFailure">Docker's own words where none answers.</param>
public sealed record DockerState(ToolState Client, string? DaemonVersion, string? DaemonPlatform, string? DaemonFailure)
{
    private static readonly string[] Provisioning = [nameof(ProvisionStorage), nameof(ProvisionAcr), nameof(ProvisionAks)];

    /// <summary>
    /// To build an image, and to register instances of the original runtime, which runs in a container. Not on a machine that only provisions,
    /// or deploys (<c>--exclusive</c>) what another has pushed.
    /// </summary>
    public static bool IsNeeded(BuildSettings settings, RunScope scope)
    {
        var registers = settings.Runtime == RuntimeKind.Ambrosia;
        if (settings.Images.Public is not null && !registers)
            return false;
        if (scope.Includes(nameof(Doctor)) || scope.Includes(nameof(BuildImages)) || scope.Includes(nameof(Push)))
            return true;
        if (scope.Includes(nameof(Deploy)))
            return registers;
        return !Provisioning.Any(scope.Includes);
    }
}
