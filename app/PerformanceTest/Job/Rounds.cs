namespace Ambrosia.PerformanceTest.Job;

/// <summary>What the Job is asked to send.</summary>
/// <param name="Count">Number of rounds.</param>
/// <param name="BytesPerRound">Payload bytes of each round; every round sends exactly so many.</param>
/// <param name="MaxMessageSize">Payload bytes of a message in the first round.</param>
/// <param name="Descending">Whether sizes halve from round to round, or are drawn at random.</param>
internal sealed record Rounds(int Count, long BytesPerRound, int MaxMessageSize, bool Descending)
{
    /// <summary>Messages in a round of messages of <paramref name="size"/> bytes.</summary>
    public long MessagesOf(int size) => Math.Max(1, BytesPerRound / size);

    /// <summary>
    /// Payload bytes of message number <paramref name="index"/> (from 0): the last one takes what is left of the round, so that every
    /// round sends the same total.
    /// </summary>
    public int SizeOf(long index, int size) =>
        index < MessagesOf(size) - 1 ? size : (int)(BytesPerRound - (MessagesOf(size) - 1) * size);

    /// <summary>The largest payload that any round sends, in bytes.</summary>
    public int LargestPayload => (int)Math.Min(2L * MaxMessageSize, Math.Max(BytesPerRound, Payload.MinimumSize));

    /// <summary>The size of the round after one of <paramref name="size"/> bytes.</summary>
    /// <param name="size">The finished round's.</param>
    /// <param name="random">The state of the generator; it moves on.</param>
    public int NextSize(int size, ref ulong random)
    {
        if (Descending) return Math.Max(Payload.MinimumSize, size / 2);

        // A power of two between 16 and half of the largest, both included.
        var smallest = System.Numerics.BitOperations.Log2(Payload.MinimumSize);
        var largest = Math.Max(smallest, System.Numerics.BitOperations.Log2((uint)MaxMessageSize) - 1);
        return 1 << (smallest + (int)(SplitMix(ref random) % (ulong)(largest - smallest + 1)));
    }

    /// <summary>SplitMix64: the whole generator is one number, which fits in a checkpoint (.NET's own Random cannot be saved).</summary>
    private static ulong SplitMix(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
