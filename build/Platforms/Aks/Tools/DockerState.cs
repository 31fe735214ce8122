using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>Docker's client, and the daemon that it reaches.</summary>
/// <param name="DaemonPlatform"><c>linux/amd64</c>; null where no daemon answers.</param>
/// <param name="DaemonFailure">Docker's own words where none answers.</param>
public sealed record DockerState(ToolState Client, string? DaemonVersion, string? DaemonPlatform, string? DaemonFailure)
{
    /// <summary>To build an image, and to register instances of the original runtime, which runs in a container.</summary>
    public static bool IsNeeded(BuildSettings settings) => settings.Images.Public is null || settings.Runtime == RuntimeKind.Ambrosia;
}
