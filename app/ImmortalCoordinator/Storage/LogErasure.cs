using Ambrosia.Coordinator.Storage.Leases;
using Ambrosia.Coordinator.Streams;

namespace Ambrosia.Coordinator.Storage;

/// <summary>
/// Deletes what an instance has recorded. What keeps a second writer out stays: the lock's file, because another process may wait on that very
/// file, and the claims of a lease, whose numbers must never come twice.
/// </summary>
internal static class LogErasure
{
    /// <summary>An owner that has died is waited for as a successor would; one that lives renews its claim long before.</summary>
    private const int LeasesToWait = 2;

    /// <returns>How many files were deleted; 0 also where there is no such directory.</returns>
    /// <exception cref="CoordinatorException">AMB5102: a coordinator uses the directory. AMB5103, AMB5114: it cannot be written.</exception>
    public static int Erase(string directory, CoordinatorLog log)
    {
        var onShare = false;
        try
        {
            if (!Directory.Exists(directory) || LogDirectory.OwnFiles(directory).Length == 0)
                return 0;
            onShare = LeaseFiles.AreIn(directory);
            using IWriterLock writerLock = onShare ? TakeLease(directory, log) : FileLock.Acquire(Path.Combine(directory, "lock"));
            var files = LogDirectory.OwnFiles(directory);
            foreach (var file in files)
            {
                if (!writerLock.MayAcknowledge)
                    throw writerLock.Lost;
                File.Delete(file);
            }

            return files.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw onShare ? LogIoError.From(error, directory, onShare: true) : LogDirectory.Unwritable(directory, error);
        }
    }

    private static LeaseLock TakeLease(string directory, CoordinatorLog log)
    {
        var duration = NewestDuration(new LeaseFiles(directory));
        using var patience = new CancellationTokenSource(duration * LeasesToWait);
        try
        {
            return LeaseLock.Acquire(directory, duration, log, _ => { }, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new CoordinatorException(
                Codes.LogLocked, $"The log directory {directory} is in use by another coordinator: its lease was renewed for {(duration * LeasesToWait).TotalSeconds:0} s.",
                "Logs in use must not be deleted.", "Stop that coordinator first.");
        }
    }

    /// <summary>The duration that the last owner chose; contenders have to wait for it.</summary>
    private static TimeSpan NewestDuration(LeaseFiles files)
    {
        var numbers = files.ListAsync().AsTask().GetAwaiter().GetResult();
        return files.ReadAsync(numbers.Max()).AsTask().GetAwaiter().GetResult()?.Duration ?? TimeSpan.FromSeconds(LeaseTerms.DefaultSeconds);
    }
}
