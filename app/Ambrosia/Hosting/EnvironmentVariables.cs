namespace Ambrosia.Hosting;

/// <summary>The environment variables that a coordinator sets for its app.</summary>
public static class EnvironmentVariables
{
    /// <summary>The coordinator's own process ID: the app ends when that process does.</summary>
    public const string CoordinatorPid = "AMBROSIA_COORDINATOR_PID";
}
