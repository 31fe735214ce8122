namespace Ambrosia.PerformanceTest;

/// <summary>Method IDs of the Job. The first three are the original's, in its interface's order.</summary>
public static class JobMethods
{
    /// <summary>Fork to self: message size, messages of the round already sent, and when the round started (UTC ticks).</summary>
    public const int JobContinue = 1;

    /// <summary>Fork: one <c>byte[]</c> from the Server.</summary>
    public const int M = 2;

    /// <summary>Fork or call: prints the bytes received.</summary>
    public const int PrintBytesReceived = 3;

    /// <summary>Fork to self: a round's message size and its measured rate, logged so that a replay prints the same.</summary>
    public const int RoundMeasured = 4;
}
