namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>What to do about an instance that ended.</summary>
public abstract record RestartDecision
{
    /// <param name="After">Zero: at once.</param>
    public sealed record Restart(TimeSpan After) : RestartDecision;

    /// <summary>A person is needed: another start would fail the same way.</summary>
    public sealed record Fail(string Reason) : RestartDecision;
}

/// <summary>
/// Restarts as a kubelet restarts a container, except that one that worked is restarted at once: only starts that fail quickly,
/// one after the other, are spaced out and in the end given up.
/// </summary>
public static class RestartPolicy
{
    /// <summary>EX_USAGE of sysexits.h: the coordinator did not understand its command line.</summary>
    public const int BadUsage = 64;

    /// <summary>EX_CONFIG of sysexits.h: the coordinator needs a person, such as for a log directory of another instance.</summary>
    public const int NeedsPerson = 78;

    public const int GiveUpAfter = 5;

    private static readonly double[] BackOffSeconds = [0, 0.2, 0.5, 1];

    /// <param name="exitCode">Of the coordinator; 128 + signal where it was killed.</param>
    /// <param name="wasReady">Whether this life of it had reached its work.</param>
    /// <param name="failuresBefore">How many lives in a row ended before this one without reaching their work.</param>
    public static RestartDecision Decide(int exitCode, bool wasReady, int failuresBefore) => exitCode switch
    {
        NeedsPerson => new RestartDecision.Fail("its coordinator needs a person (exit code 78)"),
        BadUsage => new RestartDecision.Fail("its coordinator refused its command line (exit code 64)"),
        _ when wasReady => new RestartDecision.Restart(TimeSpan.Zero),
        _ when failuresBefore + 1 >= GiveUpAfter =>
            new RestartDecision.Fail($"it ended {GiveUpAfter} times in a row without becoming ready (last exit code {exitCode})"),
        _ => new RestartDecision.Restart(TimeSpan.FromSeconds(BackOffSeconds[failuresBefore])),
    };
}
