namespace Ambrosia.Coordinator.Storage;

/// <summary>A checkpoint file as found: sound, or not (then <see cref="Header"/> is null).</summary>
internal sealed record FoundCheckpoint(string Path, long NextSequence, CheckpointHeader? Header);

/// <summary>What a start has to do: create, or restore a checkpoint and replay logs. Made by a pure function, so that it can be tested.</summary>
/// <param name="Checkpoint">Null on a first start.</param>
/// <param name="Replay">Logs to replay, in order, beginning at the checkpoint; also those that hold nothing but metadata.</param>
/// <param name="Cut">Logs whose torn tail is to be cut, with the length that stays.</param>
/// <param name="Delete">Files that no recovery can need any more.</param>
/// <param name="NextSequence">The ID of the next record to be written.</param>
/// <param name="Epoch">The epoch of this start: one above every epoch seen.</param>
internal sealed record RecoveryPlan(
    FoundCheckpoint? Checkpoint, IReadOnlyList<ScannedLog> Replay, IReadOnlyList<(string Path, long Length)> Cut,
    IReadOnlyList<string> Delete, long NextSequence, int Epoch)
{
    /// <exception cref="CoordinatorException">AMB5105, 5106, 5107 or 5108: starting would lose or misread acknowledged messages.</exception>
    public static RecoveryPlan Decide(
        string instance, string app, int stateVersion, IReadOnlyList<FoundCheckpoint> checkpoints, IReadOnlyList<ScannedLog> logs,
        IReadOnlyList<string> unreadableLogs)
    {
        CheckIdentity(instance, app, checkpoints, logs);
        var epoch = 1 + Math.Max(
            logs.Select(log => log.Epoch).DefaultIfEmpty(0).Max(),
            checkpoints.Select(found => found.Header?.Epoch ?? 0).DefaultIfEmpty(0).Max());
        var ordered = logs.OrderBy(log => log.FirstSequence).ThenBy(log => log.Epoch).ToArray();
        var newest = checkpoints.OrderByDescending(found => found.NextSequence).ThenByDescending(found => found.Header?.Epoch ?? 0).ToArray();
        var sound = newest.FirstOrDefault(found => found.Header is not null);
        if (newest.Length == 0)
        {
            // A first start writes checkpoint 0 before the first record can exist, so records without any checkpoint mean a lost file.
            if (ordered.Any(log => log.NextSequence > 0))
                throw CheckpointLost(ordered[0].Path, "There are log records but no checkpoint.");
            return new RecoveryPlan(null, [], [], [.. ordered.Select(log => log.Path), .. unreadableLogs], 0, epoch);
        }

        if (sound is null)
            throw CheckpointLost(newest[0].Path, "The checkpoint is truncated or damaged.");

        var next = sound.NextSequence;
        var replay = new List<ScannedLog>();
        var cut = new List<(string, long)>();
        foreach (var log in ordered)
        {
            // Each epoch begins with a checkpoint of all that counts of the epochs before. An owner who was cut off may have written more.
            if (log.Epoch < sound.Header!.Epoch)
                continue;
            if (log.End == LogEnd.Damaged && log.NextSequence >= next)
                throw Corrupted(log);
            if (log.End == LogEnd.Torn)
                cut.Add((log.Path, log.SoundLength));
            // A log that begins at the checkpoint counts even without records: it may say how far a receiver's numbers were shifted.
            if (log.NextSequence <= next && log.FirstSequence < next)
                continue;
            if (log.FirstSequence > next)
                throw Gap(log, next, sound, newest[0]);
            replay.Add(log);
            next = log.NextSequence;
        }

        // An unsound checkpoint newer than the sound one was still being written, unless its logs are needed and gone.
        if (newest[0] != sound && next < newest[0].NextSequence)
            throw CheckpointLost(newest[0].Path, "The newest checkpoint is truncated or damaged, and the log before it is gone.");

        CheckStateVersion(app, stateVersion, sound, replay);
        var delete = ordered.Where(log => !replay.Contains(log)).Select(log => log.Path)
            .Concat(checkpoints.Where(found => found != sound).Select(found => found.Path))
            .Concat(unreadableLogs);
        return new RecoveryPlan(sound, replay, [.. cut.Where(item => replay.Any(log => log.Path == item.Item1))], [.. delete], next, epoch);
    }

    private static void CheckIdentity(
        string instance, string app, IReadOnlyList<FoundCheckpoint> checkpoints, IReadOnlyList<ScannedLog> logs)
    {
        var owners = checkpoints.Where(found => found.Header is not null).Select(found => (found.Path, found.Header!.Identity))
            .Concat(logs.Select(log => (log.Path, log.Identity)));
        foreach (var (path, identity) in owners)
        {
            if (identity.Instance != instance)
            {
                throw new CoordinatorException(
                    Codes.OtherInstance, $"{path} belongs to instance {identity.Instance}, not to {instance}.",
                    "--log names the directory of another instance.", "Give each instance a directory of its own.");
            }

            if (identity.App != app)
            {
                throw new CoordinatorException(
                    Codes.OtherStateVersion, $"{path} was written by {identity.App}; this is {app}.",
                    "Replaying messages that were recorded under other code could mean something else now.",
                    $"Run {identity.App}, or start from an empty log directory, which gives up the old state.");
            }
        }
    }

    /// <summary>
    /// A newer version may start from an older one's checkpoint when there is nothing to replay, which is what a clean stop leaves.
    /// </summary>
    private static void CheckStateVersion(string app, int stateVersion, FoundCheckpoint checkpoint, List<ScannedLog> replay)
    {
        var records = replay.Where(log => log.NextSequence > log.FirstSequence).Select(log => (log.Path, log.Identity.StateVersion)).ToArray();
        var other = records.Append((checkpoint.Path, checkpoint.Header!.Identity.StateVersion)).FirstOrDefault(found => found.Item2 != stateVersion);
        if (other.Item1 is not { } path || (records.Length == 0 && other.Item2 < stateVersion))
            return;
        throw new CoordinatorException(
            Codes.OtherStateVersion,
            $"{path} was written by {app} with state version {other.Item2}; this is {app} with state version {stateVersion}.",
            "Replaying messages that were recorded under other code could mean something else now.",
            other.Item2 < stateVersion
                ? $"Run {app} with --state-version {other.Item2} once more and stop it with SIGTERM: its last checkpoint then holds everything, and version {stateVersion} can start from that."
                : $"Run {app} with --state-version {other.Item2}, or start from an empty log directory, which gives up the old state.");
    }

    private static CoordinatorException Corrupted(ScannedLog log) => new(
        Codes.LogCorrupted,
        $"{log.Path} is damaged at byte {log.SoundLength}, in log record {log.NextSequence}, which was acknowledged.",
        "Stored data changed after it was written: a failing disk, or another program.",
        "Restore the file from a copy. Going on would lose acknowledged messages, so nothing was changed.");

    private static CoordinatorException Gap(ScannedLog log, long next, FoundCheckpoint sound, FoundCheckpoint newest) =>
        sound != newest
            ? CheckpointLost(newest.Path, "The newest checkpoint is truncated or damaged, and the log before it is gone.")
            : new CoordinatorException(
                Codes.LogCorrupted, $"Log records {next} to {log.FirstSequence - 1} are missing before {log.Path}.",
                "A log file was deleted or damaged.", "Restore the file from a copy. Going on would lose acknowledged messages, so nothing was changed.");

    private static CoordinatorException CheckpointLost(string path, string cause) => new(
        Codes.CheckpointCorrupted, $"{path}: no sound checkpoint to start from.", cause,
        "Restore the file from a copy, or start from an empty log directory, which gives up the old state. Nothing was changed.");
}
