using System.Globalization;
using System.Security;
using System.Text.RegularExpressions;
using Ambrosia.Coordinator.Native;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Storage.Leases;
using Ambrosia.Coordinator.Streams;

namespace Ambrosia.Coordinator.Storage;

/// <summary>
/// The directory of one instance: <c>lock</c> or <c>NUMBER.lease</c>, <c>FIRST-EPOCH.log</c>, <c>NEXT.checkpoint</c>, and spilled output that
/// no restart needs. On a share every name carries the epoch: an owner who was cut off cannot meet the files of the next one, and nobody ever
/// deletes a file of an epoch above his own.
/// </summary>
internal sealed partial class LogDirectory : IDisposable
{
    private const int NumberDigits = 20;

    private readonly IWriterLock _lock;
    private int _epoch;

    private LogDirectory(string path, IWriterLock writerLock) => (Path, _lock) = (path, writerLock);

    public string Path { get; }

    public bool MayAcknowledge => _lock.MayAcknowledge;

    /// <param name="lost">Called when the lock is lost to another coordinator, or may be.</param>
    public static LogDirectory Open(RunOptions options, CoordinatorLog log, Action<Exception> lost, CancellationToken cancellation)
    {
        var path = options.LogDirectory;
        try
        {
            Directory.CreateDirectory(path);
            IWriterLock writerLock = options.Lock == LockKind.Lease
                ? LeaseLock.Acquire(path, options.LeaseDuration, log, lost, cancellation)
                : FileLock.Acquire(System.IO.Path.Combine(path, "lock"));
            var directory = new LogDirectory(path, writerLock);
            foreach (var leftover in Directory.EnumerateFiles(path, "*.tmp").Where(file => TemporaryName().IsMatch(System.IO.Path.GetFileName(file))))
                directory.Delete(leftover);
            return directory;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or SecurityException or IOException)
        {
            throw options.Lock == LockKind.Lease ? LogIoError.From(error, path, onShare: true) : Unwritable(path, error);
        }
    }

    /// <exception cref="CoordinatorException">The lock was lost.</exception>
    public void EnsureOwned()
    {
        if (!_lock.MayAcknowledge)
            throw _lock.Lost;
    }

    /// <summary>What the file system said, as what a person can do about it.</summary>
    public CoordinatorException Failure(Exception error) => LogIoError.From(error, Path, _lock.OnShare);

    public RecoveryPlan Plan(RunOptions options)
    {
        var checkpoints = Checkpoints()
            .Select(file => new FoundCheckpoint(file, NumberOf(file), CheckpointReader.Check(file))).ToArray();
        var logs = new List<ScannedLog>();
        var unreadable = new List<string>();
        var files = Logs();
        foreach (var file in files)
        {
            if (_lock.OnShare && !File.Exists(file))
                continue; // On SMB a deleted file is still listed while its dead owner's session holds it open.
            if (LogScanner.Scan(file, EndBefore(file, files)) is { } log)
                logs.Add(log);
            else if (new FileInfo(file).Length > MaxUnfinishedHeader || LogScanner.HoldsEntry(file))
                throw new CoordinatorException(
                    Codes.LogCorrupted, $"{file} has a damaged header.", "Stored data changed after it was written.",
                    "Restore the file from a copy. Nothing was changed.");
            else
                unreadable.Add(file);
        }

        var plan = RecoveryPlan.Decide(options.Instance, options.AppName, options.StateVersion, checkpoints, logs, unreadable);
        _epoch = _lock.EpochFrom(plan.Epoch);
        return plan with { Epoch = _epoch };
    }

    /// <summary>
    /// The record at which a log stops to count: where one of a later epoch begins. An owner who was cut off may have written more, which
    /// it never acknowledged.
    /// </summary>
    private static long EndBefore(string file, IEnumerable<string> files) =>
        files.Where(other => EpochOf(other) > EpochOf(file)).Select(NumberOf).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>A log's header is written and flushed before its first entry, so a file without a sound header holds nothing else.</summary>
    private const int MaxUnfinishedHeader = 1024;

    public void Apply(RecoveryPlan plan, bool toDevice)
    {
        // Where the last owner may still be writing, a cut could leave a hole in front of its last words. What is torn is passed over anyway.
        foreach (var (file, length) in _lock.OnShare ? [] : plan.Cut)
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            RandomAccess.SetLength(handle, length);
            if (toDevice)
                Durable.Flush(handle);
        }

        EnsureOwned();
        foreach (var file in plan.Delete)
            Delete(file);
        if (toDevice)
            Durable.FlushDirectory(Path);
    }

    public string CheckpointPath(long nextSequence) =>
        System.IO.Path.Combine(Path, _lock.OnShare ? $"{nextSequence:D20}-{_epoch:D8}.checkpoint" : $"{nextSequence:D20}.checkpoint");

    public string LogPath(long firstSequence, int epoch) => System.IO.Path.Combine(Path, $"{firstSequence:D20}-{epoch:D8}.log");

    public string SpillPath(string destination)
    {
        var name = destination.Length == 0 ? "self" : destination;
        return System.IO.Path.Combine(Path, _lock.OnShare ? $"spill-{name}-{_epoch:D8}.tmp" : $"spill-{name}.tmp");
    }

    /// <summary>Deletes checkpoints before this one, and logs that hold nothing from <paramref name="nextSequence"/> on.</summary>
    /// <param name="currentLog">The log that is being written; null when none is, and the checkpoint holds everything.</param>
    public void DeleteBefore(long nextSequence, string? currentLog)
    {
        EnsureOwned();
        foreach (var file in Checkpoints().Where(file => NumberOf(file) < nextSequence && EpochOf(file) <= _epoch))
            Delete(file);

        // A log ends where the next one begins; the current one is never deleted.
        var logs = Logs().Where(file => EpochOf(file) <= _epoch).OrderBy(NumberOf).ThenBy(EpochOf).ToArray();
        for (var i = 0; i < logs.Length; i++)
        {
            if (currentLog is null || (i + 1 < logs.Length && NumberOf(logs[i + 1]) <= nextSequence && logs[i] != currentLog))
                Delete(logs[i]);
        }
    }

    /// <summary>On a share a file that a cut-off owner holds open may not be deletable yet. No recovery needs it, and a later start tries again.</summary>
    private void Delete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (_lock.OnShare && (error is IOException or UnauthorizedAccessException))
        {
            EnsureOwned();
        }
    }

    public void Dispose() => _lock.Dispose();

    internal static CoordinatorException Unwritable(string path, Exception error) => new(
        Codes.LogUnwritable, $"The log directory {path} cannot be written: {error.Message}",
        "It is read-only, belongs to someone else, or the disk failed.", "Make it writable for this user, or choose another with --log.", inner: error);

    /// <summary>Logs, checkpoints and what is left over of them.</summary>
    internal static string[] OwnFiles(string directory) =>
    [
        .. Directory.EnumerateFiles(directory).Where(file => System.IO.Path.GetFileName(file) is var name
            && (LogName().IsMatch(name) || CheckpointName().IsMatch(name) || TemporaryName().IsMatch(name))),
    ];

    /// <summary>Only names that we gave: what else lies in the directory is none of our business.</summary>
    private string[] Logs() =>
        [.. Directory.EnumerateFiles(Path, "*.log").Where(file => LogName().IsMatch(System.IO.Path.GetFileName(file)))];

    private string[] Checkpoints() =>
        [.. Directory.EnumerateFiles(Path, "*.checkpoint").Where(file => CheckpointName().IsMatch(System.IO.Path.GetFileName(file)))];

    private static long NumberOf(string file) =>
        long.Parse(System.IO.Path.GetFileName(file).AsSpan(0, NumberDigits), NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>0 where the name has none.</summary>
    private static int EpochOf(string file)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(file.AsSpan());
        return name.Length > NumberDigits + 1 ? int.Parse(name[(NumberDigits + 1)..], NumberStyles.None, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"^\d{20}-\d{8,10}\.log$", RegexOptions.CultureInvariant)]
    private static partial Regex LogName();

    [GeneratedRegex(@"^\d{20}(-\d{8,10})?\.checkpoint$", RegexOptions.CultureInvariant)]
    private static partial Regex CheckpointName();

    [GeneratedRegex(@"^(\d{20}(-\d{8,10})?\.checkpoint|spill-[A-Za-z0-9]+(-\d{8,10})?)\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryName();
}
