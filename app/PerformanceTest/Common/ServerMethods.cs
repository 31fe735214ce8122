namespace Ambrosia.PerformanceTest;

/// <summary>Method IDs of the Server. The first three are the original's, in its interface's order.</summary>
public static class ServerMethods
{
    /// <summary>Fork: one <c>byte[]</c>, see <see cref="Payload"/>.</summary>
    public const int M = 1;

    /// <summary>Impulse: the time at which it was sent.</summary>
    public const int AmIHealthy = 2;

    /// <summary>Call: prints the totals once every Job has asked; answers without a value.</summary>
    public const int PrintBytesReceived = 3;

    /// <summary>Call: answers, once all that was sent before is processed, with the bytes received so far.</summary>
    public const int RoundProcessed = 4;
}
