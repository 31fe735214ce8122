using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Oracle;

/// <summary>
/// How far a performance test is, folded from its lines. Lines repeat when a restarted instance replays, so the last value of each
/// kind is what counts, and <see cref="HighestReceived"/> is what tells progress from replay.
/// </summary>
public sealed record WorkProgress
{
    public static WorkProgress None { get; } = new();

    /// <summary>One row a round that is over, in the order of the rounds.</summary>
    public IReadOnlyList<ThroughputRow> Rounds { get; init; } = [];

    /// <summary>The most that the Server was ever seen to have.</summary>
    public long HighestReceived { get; init; }

    /// <summary>The Server's last total; null until it printed one.</summary>
    public long? BytesReceived { get; init; }

    public long? OutOfOrder { get; init; }

    public bool JobDone { get; init; }

    public bool ServerDone { get; init; }

    /// <summary>Rounds that the present life of the Job has printed; a replayed one takes the place of its first showing.</summary>
    private int RoundsOfThisLife { get; init; }

    public bool IsOver => JobDone && ServerDone;

    /// <summary>Something is done now that was not then; bytes that replay shows again are not.</summary>
    public bool IsAheadOf(WorkProgress earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return HighestReceived > earlier.HighestReceived || Rounds.Count > earlier.Rounds.Count;
    }

    public WorkProgress WithServerLine(LogLine line) => line switch
    {
        LogLine.ReceivedSoFar soFar => this with { HighestReceived = Math.Max(HighestReceived, soFar.Bytes) },
        LogLine.BytesReceived total => this with { BytesReceived = total.Bytes, HighestReceived = Math.Max(HighestReceived, total.Bytes) },
        LogLine.OutOfOrder disorder => this with { OutOfOrder = disorder.Messages },
        LogLine.Done => this with { ServerDone = true },
        _ => this,
    };

    public WorkProgress WithJobLine(LogLine line) => line switch
    {
        LogLine.Throughput round => WithRound(new ThroughputRow(round.BytesPerMessage, round.GibPerSecond)),
        LogLine.Done => this with { JobDone = true },
        LogLine.AppStarted => WithJobRestarted(),
        _ => this,
    };

    /// <summary>The Job starts again and will repeat what it printed since its last checkpoint.</summary>
    public WorkProgress WithJobRestarted() => this with { RoundsOfThisLife = 0 };

    private WorkProgress WithRound(ThroughputRow row)
    {
        // After a restart, the first line decides which round replay began with: the first known one of its size.
        var rounds = Rounds.ToList();
        var index = RoundsOfThisLife > 0 ? RoundsOfThisLife : FirstAfterRestart(row.BytesPerMessage);
        if (index < rounds.Count)
            rounds[index] = row;
        else
            rounds.Add(row);
        return this with { Rounds = rounds, RoundsOfThisLife = index + 1 };
    }

    private int FirstAfterRestart(int bytesPerMessage)
    {
        for (var i = 0; i < Rounds.Count; i++)
        {
            if (Rounds[i].BytesPerMessage == bytesPerMessage)
                return i;
        }

        return Rounds.Count;
    }
}
