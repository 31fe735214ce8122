using System.Globalization;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Oracle;

/// <summary>A line of an instance's output that means something to the suite.</summary>
public abstract record LogLine
{
    private const string CoordinatorPrefix = "[coordinator] ";

    /// <summary>The coordinator has started the app as its child.</summary>
    public sealed record AppStarted(int Pid) : LogLine;

    /// <summary>The coordinator has read its log: so much of it is in no checkpoint.</summary>
    public sealed record Recovering(long Records) : LogLine;

    /// <summary>The instance is primary: replay is over, work may flow.</summary>
    public sealed record Ready : LogLine;

    /// <summary>The coordinator's own account of why it ends; its cause and fix follow as <see cref="Explanation"/>.</summary>
    public sealed record CoordinatorError(string Text) : LogLine
    {
        /// <summary>It says no more than that the app has ended; the coordinator's own end follows.</summary>
        public bool IsAppExit => Text.StartsWith("AMB5109:", StringComparison.Ordinal);

        /// <summary>The log is another instance's, another app's or another state version's.</summary>
        public bool RefusesLog => Text.StartsWith("AMB5107:", StringComparison.Ordinal) || Text.StartsWith("AMB5108:", StringComparison.Ordinal);
    }

    public sealed record Explanation(string Text) : LogLine;

    /// <summary>The coordinator does not reach a peer, or reaches it again.</summary>
    public sealed record PeerContact(string Peer, bool IsReached, string Text) : LogLine;

    /// <summary>A round of the Job is over.</summary>
    public sealed record Throughput(int BytesPerMessage, double GibPerSecond) : LogLine;

    /// <summary>What the Server has received so far, a multiple of its reporting step.</summary>
    public sealed record ReceivedSoFar(long Bytes) : LogLine;

    /// <summary>The Server's total at the end.</summary>
    public sealed record BytesReceived(long Bytes) : LogLine;

    public sealed record OutOfOrder(long Messages) : LogLine;

    public sealed record Done : LogLine;

    /// <summary>Whether a coordinator wrote the line, whatever it says.</summary>
    public static bool IsCoordinators(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith(CoordinatorPrefix, StringComparison.Ordinal);
    }

    /// <summary>Null for a line that says nothing to the suite.</summary>
    public static LogLine? Parse(string text)
    {
        if (text.StartsWith(CoordinatorPrefix, StringComparison.Ordinal))
            return ParseCoordinator(text[CoordinatorPrefix.Length..]);
        var line = text.Trim();
        if (line == "DONE")
            return new Done();
        if (line.StartsWith("*X* ", StringComparison.Ordinal))
            return ParseThroughput(line[4..]);
        if (After(line, "Bytes received: ") is { } total && TryLong(total, out var bytes))
            return new BytesReceived(bytes);
        if (After(line, "Out of order: ") is { } disorder && TryLong(disorder, out var messages))
            return new OutOfOrder(messages);
        if (After(line, "Service Received ") is { } soFar
            && soFar.EndsWith(" MB so far", StringComparison.Ordinal)
            && TryLong(soFar[..^" MB so far".Length], out var mebibytes))
        {
            return new ReceivedSoFar(mebibytes * Figures.Mebibyte);
        }

        return null;
    }

    private static LogLine? ParseCoordinator(string text)
    {
        if (After(text, "App started: pid ") is { } pid)
            return int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new AppStarted(number) : null;
        if (After(text, "Recovering: ") is { } recovery)
            return recovery.Split(' ') is [var count, "log", "records", "to", "replay,", ..] && TryLong(count, out var records) ? new Recovering(records) : null;
        if (text.StartsWith("Ready:", StringComparison.Ordinal))
            return new Ready();
        if (text.StartsWith("ERROR ", StringComparison.Ordinal))
            return new CoordinatorError(text["ERROR ".Length..]);
        if (text.StartsWith("  cause: ", StringComparison.Ordinal) || text.StartsWith("  fix: ", StringComparison.Ordinal))
            return new Explanation(text);
        return text.Split(' ') switch
        {
            [var peer, "is", "reached", "again."] => new PeerContact(peer, IsReached: true, text),
            [var peer, "at", _, "is", "not", "reached", ..] => new PeerContact(peer, IsReached: false, text),
            _ => null,
        };
    }

    private static Throughput? ParseThroughput(string text) =>
        text.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries) is [var size, var rate]
        && int.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        && double.TryParse(rate, NumberStyles.Float, CultureInfo.InvariantCulture, out var gibPerSecond)
        && double.IsFinite(gibPerSecond)
            ? new Throughput(bytes, gibPerSecond)
            : null;

    private static string? After(string line, string prefix) =>
        line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : null;

    private static bool TryLong(string text, out long value) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
