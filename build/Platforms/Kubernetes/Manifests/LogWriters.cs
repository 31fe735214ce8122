namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// The codes of which a claim's logs may hold messages that are in no checkpoint yet, as the claim's annotation records them. Pure.
/// <para>
/// One code is only written there once nothing of another can be left: when the claim is made, or when the code is ready. Ready means primary, and
/// a coordinator becomes that after it has written a checkpoint of its own. Until then, from before the StatefulSet is changed, both are written
/// there: the old code goes on recording between its last checkpoint and its end, and the new one may record before anybody has seen it ready. So
/// wherever a deployment is cut off, no record allows code that is not the only one in question.
/// </para>
/// </summary>
public sealed record LogWriters(IReadOnlyList<LogWriter> All)
{
    // Neither may be part of an image's name.
    private const char BetweenWriters = ' ';
    private const char BeforeFingerprint = '#';

    public bool IsOnly(LogWriter writer) => All is [var only] && only.Fingerprint == writer?.Fingerprint;

    /// <summary>What a claim records; null for nothing. What cannot be read is a code that equals no other.</summary>
    public static LogWriters? Of(KubeObject claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var words = (claim.Annotation(Naming.LogCodeAnnotation) ?? "").Split(BetweenWriters, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 0 ? null : new LogWriters([.. words.Select(Writer)]);

        static LogWriter Writer(string word)
        {
            var end = word.LastIndexOf(BeforeFingerprint);
            return end < 0 ? new LogWriter(word, "") : new LogWriter(word[..end], word[(end + 1)..]);
        }
    }

    /// <summary>What is to be recorded while code is replaced, until it is ready.</summary>
    /// <param name="recorded">Null where nobody knows: a claim of before there was a record, or one on a share that may hold older logs.</param>
    /// <param name="running">What the StatefulSet runs; null where there is none.</param>
    /// <param name="isReady">Whether that is ready: then nothing of any other code is left.</param>
    public static LogWriters? During(LogWriters? recorded, LogWriter? running, bool isReady, LogWriter next)
    {
        if (running is not null && isReady)
            return Of([running, next]);
        return recorded is null ? null : Of([.. recorded.All, .. running is null ? (LogWriter[])[] : [running], next]);
    }

    public override string ToString() => string.Join(BetweenWriters, All.Select(writer => $"{writer.Image}{BeforeFingerprint}{writer.Fingerprint}"));

    private static LogWriters Of(IEnumerable<LogWriter> writers) => new([.. writers.DistinctBy(writer => writer.Fingerprint)]);
}
