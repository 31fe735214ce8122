using System.Globalization;
using System.Security;
using System.Text.RegularExpressions;
using Ambrosia.Coordinator.Native;
using Ambrosia.Coordinator.Options;

namespace Ambrosia.Coordinator.Storage;

/// <summary>
/// The directory of one instance: <c>lock</c>, <c>FIRST-EPOCH.log</c>, <c>NEXT.checkpoint</c>, and spilled output that no restart needs.
/// </summary>
internal sealed partial class LogDirectory : IDisposable
{
    private const int NumberDigits = 20;

    private readonly IWriterLock _lock;

    private LogDirectory(string path, IWriterLock writerLock) => (Path, _lock) = (path, writerLock);

    public string Path { get; }

    public bool MayAcknowledge => _lock.MayAcknowledge;

    public static LogDirectory Open(string path, LockKind kind)
    {
        try
        {
            Directory.CreateDirectory(path);
            var writerLock = WriterLocks.Acquire(kind, path);
            foreach (var leftover in Directory.EnumerateFiles(path, "*.tmp").Where(file => TemporaryName().IsMatch(System.IO.Path.GetFileName(file))))
                File.Delete(leftover);
            return new LogDirectory(path, writerLock);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or SecurityException or IOException)
        {
            throw Unwritable(path, error);
        }
    }

    public RecoveryPlan Plan(RunOptions options)
    {
        var checkpoints = Checkpoints()
            .Select(file => new FoundCheckpoint(file, NumberOf(file), CheckpointReader.Check(file))).ToArray();
        var logs = new List<ScannedLog>();
        var unreadable = new List<string>();
        foreach (var file in Logs())
        {
            if (LogScanner.Scan(file) is { } log)
                logs.Add(log);
            else if (new FileInfo(file).Length > MaxUnfinishedHeader || LogScanner.HoldsEntry(file))
                throw new CoordinatorException(
                    Codes.LogCorrupted, $"{file} has a damaged header.", "Stored data changed after it was written.",
                    "Restore the file from a copy. Nothing was changed.");
            else
                unreadable.Add(file);
        }

        return RecoveryPlan.Decide(options.Instance, options.AppName, options.StateVersion, checkpoints, logs, unreadable);
    }

    /// <summary>A log's header is written and flushed before its first entry, so a file without a sound header holds nothing else.</summary>
    private const int MaxUnfinishedHeader = 1024;

    public void Apply(RecoveryPlan plan, bool toDevice)
    {
        foreach (var (file, length) in plan.Cut)
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            RandomAccess.SetLength(handle, length);
            if (toDevice)
                Durable.Flush(handle);
        }

        foreach (var file in plan.Delete)
            File.Delete(file);
        if (toDevice)
            Durable.FlushDirectory(Path);
    }

    public string CheckpointPath(long nextSequence) => System.IO.Path.Combine(Path, $"{nextSequence:D20}.checkpoint");

    public string LogPath(long firstSequence, int epoch) => System.IO.Path.Combine(Path, $"{firstSequence:D20}-{epoch:D8}.log");

    public string SpillPath(string destination) => System.IO.Path.Combine(Path, $"spill-{(destination.Length == 0 ? "self" : destination)}.tmp");

    /// <summary>Deletes checkpoints before this one, and logs that hold nothing from <paramref name="nextSequence"/> on.</summary>
    /// <param name="currentLog">The log that is being written; null when none is, and the checkpoint holds everything.</param>
    public void DeleteBefore(long nextSequence, string? currentLog)
    {
        foreach (var file in Checkpoints().Where(file => NumberOf(file) < nextSequence))
            File.Delete(file);

        // A log ends where the next one begins; the current one is never deleted.
        var logs = Logs().Order(StringComparer.Ordinal).ToArray();
        for (var i = 0; i < logs.Length; i++)
        {
            if (currentLog is null || (i + 1 < logs.Length && NumberOf(logs[i + 1]) <= nextSequence && logs[i] != currentLog))
                File.Delete(logs[i]);
        }
    }

    public void Dispose() => _lock.Dispose();

    internal static CoordinatorException Unwritable(string path, Exception error) => new(
        Codes.LogUnwritable, $"The log directory {path} cannot be written: {error.Message}",
        "It is read-only, belongs to someone else, or the disk failed.", "Make it writable for this user, or choose another with --log.", inner: error);

    /// <summary>Only names that we gave: what else lies in the directory is none of our business.</summary>
    private string[] Logs() =>
        [.. Directory.EnumerateFiles(Path, "*.log").Where(file => LogName().IsMatch(System.IO.Path.GetFileName(file)))];

    private string[] Checkpoints() =>
        [.. Directory.EnumerateFiles(Path, "*.checkpoint").Where(file => CheckpointName().IsMatch(System.IO.Path.GetFileName(file)))];

    private static long NumberOf(string file) =>
        long.Parse(System.IO.Path.GetFileName(file).AsSpan(0, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d{20}-\d{8}\.log$", RegexOptions.CultureInvariant)]
    private static partial Regex LogName();

    [GeneratedRegex(@"^\d{20}\.checkpoint$", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointName();

    [GeneratedRegex(@"^(\d{20}\.checkpoint|spill-[A-Za-z0-9]+)\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryName();
}
