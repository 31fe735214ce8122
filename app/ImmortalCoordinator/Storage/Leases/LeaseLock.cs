using System.Security.Cryptography;
using Ambrosia.Coordinator.Native;

namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>A lease as the lock of a log directory: taken in the constructor's stead by <see cref="Acquire"/>, kept by a task, given up at the end.</summary>
internal sealed class LeaseLock : IWriterLock
{
    private static readonly TimeSpan WaitingTold = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(1);

    private readonly string _directory;
    private readonly LeaseTerms _terms;
    private readonly Lease _lease;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _keeping;

    private LeaseLock(string directory, LeaseTerms terms, Lease lease)
    {
        (_directory, _terms, _lease) = (directory, terms, lease);
        _keeping = Task.Run(() => lease.KeepAsync(_stop.Token));
    }

    public bool MayAcknowledge => _lease.IsValid;

    public bool OnShare => true;

    public CoordinatorException Lost => (_lease.FindLoss() ?? new LeaseLoss(LeaseLossKind.StoodStill)).ToException(_directory, _terms.Duration);

    /// <summary>Waits for the lease.</summary>
    /// <param name="lost">Called once when it is lost, with what to say.</param>
    /// <exception cref="CoordinatorException">AMB5114: the share fails.</exception>
    /// <exception cref="OperationCanceledException">Stopped while it waited.</exception>
    public static LeaseLock Acquire(string directory, TimeSpan duration, CoordinatorLog log, Action<Exception> lost, CancellationToken cancellation)
    {
        var time = BootClock.Instance;
        var terms = new LeaseTerms(duration);
        var here = LeaseProcess.Current();
        var self = new LeaseClaim(
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), (long)duration.TotalMilliseconds, false, here, time.GetUtcNow());
        var began = time.GetTimestamp();
        long? told = null;
        void Tell(LeaseSight sight)
        {
            if (told is { } last && time.GetElapsedTime(last) < WaitingTold)
                return;
            told = time.GetTimestamp();
            log.Info($"Waiting for the lease on {directory}, held by {sight.Claim?.Process.ToString() ?? "another coordinator"}: it is taken over when it is not renewed for {(sight.Claim?.Duration ?? duration).TotalSeconds:0.#} s.");
        }

        try
        {
            // No synchronisation context, and a thread of our own to wait on.
            var lease = Lease.AcquireAsync(
                new LeaseFiles(directory), terms, self, time, claim => claim.Process.IsSurelyDead(here),
                loss => lost(loss.ToException(directory, duration)), Tell, cancellation).GetAwaiter().GetResult();
            log.Info(told is null ? "The lease is taken." : $"The lease is taken, after {time.GetElapsedTime(began).TotalSeconds:0.0} s.");
            return new LeaseLock(directory, terms, lease);
        }
        catch (Exception error) when (Lease.IsShareError(error))
        {
            throw new CoordinatorException(
                Codes.LogIo, $"The lease on the log directory {directory} cannot be taken: {error.Message}",
                "The network share is not reachable, is read-only, or belongs to someone else.", "Look at the share, its mount and its mount options.",
                ExitCodes.Restart, error);
        }
    }

    public int EpochFrom(int least) => _lease.AdvanceAsync(least, _directory).GetAwaiter().GetResult();

    /// <summary>Nothing is acknowledged any more from the first moment of this on; what was, is on the share.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        if (!_lease.ReleaseAsync(_keeping).Wait(ReleasePatience))
            return; // The share hangs. The lease runs out.
        _lease.Dispose();
        _stop.Dispose();
    }
}
