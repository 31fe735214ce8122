namespace Ambrosia.Build.Errors;

/// <summary>
/// Stable codes of everything that can go wrong: 1xxx configuration and arguments, 2xxx tools, 3xxx Azure, 4xxx images,
/// 5xxx cluster and running instances (51xx are the coordinator's own), 6xxx verification. A code keeps its meaning for ever.
/// </summary>
public enum ErrorCode
{
    UnknownArgument = 1001,
    UnknownTarget = 1002,
    InvalidArgumentValue = 1003,
    ConfigurationUnreadable = 1010,
    ConfigurationMalformed = 1011,
    ConfigurationUnknownKey = 1012,
    ConfigurationInvalidValue = 1013,
    ConfigurationPlaceholder = 1014,
    PlatformNotAvailable = 1020,
    ToolMissing = 2001,
    ToolFailed = 2002,
    ToolTimedOut = 2003,
    AppBuildFailed = 4001,
    InstanceFailed = 5001,
    RunNotFound = 5002,
    RunInProgress = 5003,
    VerificationFailed = 6001,
    ImmortalityFailed = 6002,
    TestsFailed = 6003,
    BenchmarkFailed = 6004,
    Unexpected = 9001,
}
