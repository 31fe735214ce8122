namespace Ambrosia.Coordinator;

/// <summary>
/// A failure with a stable code (AMB51xx), its likely cause and its cure. The exit code tells a supervisor whether a restart can help.
/// </summary>
internal sealed class CoordinatorException(
    int code, string what, string? cause = null, string? fix = null, int exitCode = ExitCodes.NeedsPerson, Exception? inner = null)
    : Exception(what, inner)
{
    public int Code { get; } = code;

    public string? Cause { get; } = cause;

    public string? Fix { get; } = fix;

    public int ExitCode { get; } = exitCode;
}

/// <summary>Exit codes, after sysexits(3).</summary>
internal static class ExitCodes
{
    public const int Clean = 0;

    /// <summary>Bad command line.</summary>
    public const int Usage = 64;

    /// <summary>A restart is the right answer: the app died, an I/O error, a broken stream.</summary>
    public const int Restart = 75;

    /// <summary>A restart would fail in the same way; a person has to act.</summary>
    public const int NeedsPerson = 78;
}

/// <summary>The coordinator's codes. A code keeps its meaning for ever.</summary>
internal static class Codes
{
    public const int PortInUse = 5101;
    public const int LogLocked = 5102;
    public const int LogUnwritable = 5103;
    public const int DiskFull = 5104;
    public const int LogCorrupted = 5105;
    public const int CheckpointCorrupted = 5106;
    public const int OtherInstance = 5107;
    public const int OtherStateVersion = 5108;
    public const int AppFailed = 5109;
    public const int PeerLostMessages = 5110;
    public const int Usage = 5111;
    public const int LockIneffective = 5112;
    public const int AppProtocol = 5113;
    public const int LogIo = 5114;
    public const int StopTimedOut = 5115;
    public const int NoPeerAddress = 5116;
    public const int Unexpected = 5199;
}
