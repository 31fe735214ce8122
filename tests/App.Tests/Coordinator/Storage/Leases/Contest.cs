using System.Globalization;
using Ambrosia.Coordinator.Storage.Leases;

namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>
/// Coordinators that contend for one log: each waits for the lease, reads what is in the logs, and then writes records and acknowledges
/// those for which the lease is still valid after they were written. The contest knows the truth and notes every breach.
/// </summary>
internal sealed class Contest(World world, SimulatedShare share)
{
    private readonly HashSet<int> _acknowledged = [];
    private int _records;
    private int _lives;

    /// <summary>What must never happen, and did.</summary>
    public List<string> Breaches { get; } = [];

    /// <summary>The newest owner, who has begun to read.</summary>
    public Life? Owner { get; private set; }

    public int Acknowledged => _acknowledged.Count;

    public int Takeovers { get; private set; }

    /// <param name="speed">Of its monotonic clock; 1 is true time.</param>
    public Life Start(TimeSpan duration, double speed = 1, TimeSpan wallClockError = default)
    {
        var life = new Life(this, new Machine(world, speed, wallClockError), duration, ++_lives, new CancellationTokenSource());
        life.Machine.Run(life.Begin);
        return life;
    }

    private void Breach(string what) => Breaches.Add($"{world.Time.TotalSeconds:0.000} s: {what}");

    private bool IsDead(string owner) => _dead.Contains(owner);

    private readonly HashSet<string> _dead = [];

    /// <summary>One life of one coordinator.</summary>
    internal sealed class Life(Contest contest, Machine machine, TimeSpan duration, int id, CancellationTokenSource stop)
    {
        private Lease? _lease;
        private Task? _keeping;

        public Machine Machine { get; } = machine;

        public bool Ended { get; private set; }

        public LeaseLoss? Loss { get; private set; }

        public bool Owns => _lease is { IsValid: true } && !Machine.Dead;

        private string Name => id.ToString(CultureInfo.InvariantCulture);

        public void Begin() => _ = RunAsync();

        /// <summary>Death of the process.</summary>
        /// <param name="known">A contender on the same machine can see that it is dead.</param>
        public void Kill(bool known = false)
        {
            Machine.Kill();
            Ended = true;
            if (known)
                contest._dead.Add(Name);
        }

        /// <summary>A clean stop.</summary>
        public void Stop() => Machine.Run(() =>
        {
            stop.Cancel();
            _ = ReleaseAsync();
        });

        private async Task ReleaseAsync()
        {
            if (_lease is not null)
                await _lease.ReleaseAsync(_keeping!);
            Ended = true;
        }

        private async Task RunAsync()
        {
            var self = new LeaseClaim(Name, (long)duration.TotalMilliseconds, false, new LeaseProcess("host", null, null, id, 0), Machine.Clock.GetUtcNow());
            try
            {
                _lease = await Lease.AcquireAsync(
                    contest.Share.For(Machine), new LeaseTerms(duration), self, Machine.Clock, claim => contest.IsDead(claim.Owner), loss => Loss = loss, _ => { }, stop.Token);
                _keeping = _lease.KeepAsync(stop.Token);
                await OwnAsync(_lease);
            }
            catch (Exception error) when (error is IOException or OperationCanceledException)
            {
                // The share failed, or it was stopped while it waited: the process ends as it does after a clean stop.
                Stop();
                return;
            }

            Ended = true;
        }

        private async Task OwnAsync(Lease lease)
        {
            var epoch = lease.Number;
            if (contest.Owner is { _lease: { } other } && other.Number >= epoch)
                contest.Breach($"{id} owns epoch {epoch} after {contest.Owner.Name} owned {other.Number}");
            if (contest.Owner is { Owns: true, Machine.Paused: false } old)
                contest.Breach($"{id} owns epoch {epoch} while {old.Name} may acknowledge");
            contest.Owner = this;
            contest.Takeovers++;
            var found = (await contest.Share.ScanAsync(Machine)).ToHashSet();
            if (contest.Owner == this && !contest._acknowledged.IsSubsetOf(found))
                contest.Breach($"{id} did not find {string.Join(' ', contest._acknowledged.Except(found))}");
            while (lease.Loss is null && !stop.IsCancellationRequested)
            {
                var record = ++contest._records;
                await contest.Share.WriteAsync(Machine, epoch, record);
                if (!lease.IsValid)
                    return;
                if (contest.Owner != this)
                    contest.Breach($"{id} with epoch {epoch} acknowledged {record} after {contest.Owner?.Name} had begun");
                contest._acknowledged.Add(record);
                await Task.Delay(TimeSpan.FromMilliseconds(20), Machine.Clock);
            }
        }
    }

    private SimulatedShare Share => share;
}
