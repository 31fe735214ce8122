namespace Ambrosia.Build.Oracle;

public enum VictimKind
{
    JobProcess,
    ServerProcess,
    JobCoordinator,
    ServerCoordinator,
}

/// <param name="AtBytes">The kill is due when the Server has this much.</param>
public sealed record PlannedKill(int Number, VictimKind Victim, long AtBytes)
{
    /// <summary>The victim is of the Job's instance, else of the Server's.</summary>
    public bool OfJob => Victim is VictimKind.JobProcess or VictimKind.JobCoordinator;

    /// <summary>The victim is the app, else the coordinator beside it.</summary>
    public bool OfApp => Victim is VictimKind.JobProcess or VictimKind.ServerProcess;
}

/// <summary>
/// Chooses moments and victims. Moments are places in the work, not in time, so that slow and fast machines kill alike and the work
/// always contains all of them; the same seed gives the same schedule.
/// </summary>
public static class KillSchedule
{
    private const double From = 0.05;
    private const double To = 0.90;

    /// <summary>A kill lies in the first part of its share of the work, so that two never come too close together.</summary>
    private const double UsedPartOfShare = 0.6;

    private static readonly VictimKind[] Kinds = Enum.GetValues<VictimKind>();

    public static IReadOnlyList<PlannedKill> Plan(int kills, int seed, long totalBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(kills);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalBytes);
        // A seeded System.Random keeps its sequence across .NET versions, which is what makes a seed worth printing.
        // CA5394: nothing here is a secret.
#pragma warning disable CA5394
        var random = new Random(seed);
        var share = (To - From) / Math.Max(kills, 1);
        var plan = new List<PlannedKill>(kills);
        var bag = new List<VictimKind>();
        for (var i = 0; i < kills; i++)
        {
            if (bag.Count == 0)
                bag.AddRange(Kinds);
            var pick = random.Next(bag.Count);
            var victim = bag[pick];
            bag.RemoveAt(pick);
            var fraction = From + (share * (i + (random.NextDouble() * UsedPartOfShare)));
            plan.Add(new PlannedKill(i + 1, victim, (long)(fraction * totalBytes)));
        }
#pragma warning restore CA5394
        return plan;
    }
}
