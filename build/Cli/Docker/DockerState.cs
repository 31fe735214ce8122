namespace Ambrosia.Build.Cli.Docker;

/// <summary>Docker's client, and the daemon that it reaches.</summary>
/// <param name="DaemonPlatform"><c>linux/amd64</c>; null where no daemon answers.</param>
/// <param name="DaemonFailure">Docker's own words where none answers.</param>
public sealed record DockerState(ToolState Client, string? DaemonVersion, string? DaemonPlatform, string? DaemonFailure);
