using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>What to do about an instance that ended.</summary>
public abstract record RestartDecision
{
    /// <param name="After">Zero: at once.</param>
    public sealed record Restart(TimeSpan After) : RestartDecision;

    /// <summary>A person is needed: another start would fail the same way.</summary>
    public sealed record Fail(string Reason) : RestartDecision;
}

/// <summary>What the end of one life of an instance says about it.</summary>
public enum LifeOutcome
{
    /// <summary>It did its work until something befell it.</summary>
    Worked,

    /// <summary>It ended without having got anywhere.</summary>
    Failed,

    /// <summary>We killed it, to prove that it comes back: that says nothing about it.</summary>
    Killed,
}

/// <summary>
/// Restarts as a kubelet restarts a container, except that one that worked is restarted at once: only lives that lead nowhere, one after
/// the other, are spaced out and in the end given up.
/// </summary>
public static class RestartPolicy
{
    /// <summary>EX_USAGE of sysexits.h: the coordinator did not understand its command line.</summary>
    public const int BadUsage = 64;

    /// <summary>EX_CONFIG of sysexits.h: the coordinator needs a person, such as for a log directory of another instance.</summary>
    public const int NeedsPerson = 78;

    public const int GiveUpAfter = 5;

    /// <summary>Where the suite cannot measure work, an instance that was ready for this long is taken to have worked.</summary>
    public static readonly TimeSpan GoodLife = TimeSpan.FromSeconds(10);

    private static readonly double[] BackOffSeconds = [0, 0.2, 0.5, 1];

    /// <param name="killed">We killed it ourselves.</param>
    /// <param name="progressed">New work was done between its becoming ready and its end.</param>
    /// <param name="ready">For how long it had been ready; null where it never was.</param>
    public static LifeOutcome Judge(bool killed, VerifyKind verify, bool progressed, TimeSpan? ready)
    {
        if (killed)
            return LifeOutcome.Killed;
        // To become ready is not enough: what breaks on its first message would be restarted for ever.
        return verify == VerifyKind.PerformanceTest ? (progressed ? LifeOutcome.Worked : LifeOutcome.Failed)
            : ready >= GoodLife ? LifeOutcome.Worked
            : LifeOutcome.Failed;
    }

    /// <summary>How many lives in a row have failed when <paramref name="life"/> is over too.</summary>
    public static int Failures(LifeOutcome life, int before) => life switch
    {
        LifeOutcome.Worked => 0,
        LifeOutcome.Killed => before,
        _ => before + 1,
    };

    /// <param name="exitCode">Of the coordinator; 128 + signal where it was killed.</param>
    /// <param name="life">How the life went that ended.</param>
    /// <param name="failuresBefore">How many lives in a row failed before this one.</param>
    public static RestartDecision Decide(int exitCode, LifeOutcome life, int failuresBefore) => (exitCode, life) switch
    {
        (NeedsPerson, _) => new RestartDecision.Fail("its coordinator needs a person (exit code 78)"),
        (BadUsage, _) => new RestartDecision.Fail("its coordinator refused its command line (exit code 64)"),
        (_, not LifeOutcome.Failed) => new RestartDecision.Restart(TimeSpan.Zero),
        _ when failuresBefore + 1 >= GiveUpAfter =>
            new RestartDecision.Fail($"it ended {GiveUpAfter} times in a row without getting anywhere (last exit code {exitCode})"),
        _ => new RestartDecision.Restart(TimeSpan.FromSeconds(BackOffSeconds[failuresBefore])),
    };
}
