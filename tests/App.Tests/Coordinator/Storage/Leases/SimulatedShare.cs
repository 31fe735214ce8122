using Ambrosia.Coordinator.Storage.Leases;

namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>How badly a share behaves.</summary>
/// <param name="Slowest">The longest that one way of a request takes, in seconds.</param>
/// <param name="Failures">How often a request fails: before it did anything, half-way, or after it did everything.</param>
/// <param name="Stale">How old a listing or a file's content may be that a client answers from its cache, in seconds.</param>
internal sealed record ShareWeather(double Slowest = 0.005, double Failures = 0, double Stale = 0);

/// <summary>
/// The server of a share: claims, and the records of each epoch's log. Its own steps are atomic; everything between it and a client takes
/// time, gets lost, or arrives after the client has given up, was paused or has died.
/// </summary>
internal sealed class SimulatedShare(World world)
{
    private readonly Dictionary<int, Entry> _claims = [];
    private readonly List<(int Epoch, int Record)> _records = [];

    public ShareWeather Weather { get; set; } = new();

    public IEnumerable<int> Numbers => _claims.Where(claim => claim.Value.Removed is null).Select(claim => claim.Key);

    /// <summary>The share as one machine's client shows it.</summary>
    public ILeaseShare For(Machine machine) => new Client(this, machine);

    /// <summary>Writes a record to the log of an epoch and flushes it.</summary>
    public Task WriteAsync(Machine machine, int epoch, int record) => AskAsync(machine, () =>
    {
        _records.Add((epoch, record));
        return true;
    });

    /// <summary>Everything that is in all logs.</summary>
    public Task<int[]> ScanAsync(Machine machine) => AskAsync(machine, () => _records.Select(entry => entry.Record).ToArray());

    private Task<T> AskAsync<T>(Machine machine, Func<T> serve)
    {
        var answer = new TaskCompletionSource<T>();
        world.After(world.Between(0, Weather.Slowest), () => Arrive(machine, serve, answer));
        return answer.Task;
    }

    private void Arrive<T>(Machine machine, Func<T> serve, TaskCompletionSource<T> answer)
    {
        if (machine.CutOff)
        {
            // A client tries again for a while, says that it failed, and may deliver it all the same.
            world.After(world.Between(0.05, 2), () => machine.Run(() => answer.TrySetException(new IOException("the host is down"))));
            if (world.Chance(0.5))
                AwaitHealing(machine, serve);
            return;
        }

        if (world.Chance(Weather.Failures))
        {
            if (world.Chance(0.5))
                serve();
            world.After(world.Between(0, Weather.Slowest), () => machine.Run(() => answer.TrySetException(new IOException("input/output error"))));
            return;
        }

        var result = serve();
        world.After(world.Between(0, Weather.Slowest), () => machine.Run(() => answer.TrySetResult(result)));
    }

    private void AwaitHealing<T>(Machine machine, Func<T> serve) => world.After(TimeSpan.FromMilliseconds(100), () =>
    {
        if (machine.CutOff)
            AwaitHealing(machine, serve);
        else
            serve();
    });

    private sealed record Entry(long Created)
    {
        public LeaseClaim? Claim { get; set; }

        public long Described { get; set; } = long.MaxValue;

        public long? Removed { get; set; }
    }

    private sealed class Client(SimulatedShare share, Machine machine) : ILeaseShare
    {
        /// <summary>A client's cache is at least as new as its own last change.</summary>
        private long _changed;

        public async ValueTask<IReadOnlyList<int>> ListAsync()
        {
            var seenAt = SeenAt();
            return await share.AskAsync(machine, () => share._claims
                .Where(claim => claim.Value.Created <= seenAt && (claim.Value.Removed is not { } removed || removed > seenAt)).Select(claim => claim.Key).ToArray());
        }

        public async ValueTask<bool> TryCreateAsync(int number, LeaseClaim claim)
        {
            var created = await share.AskAsync(machine, () => share.TryMake(number));
            _changed = share.World.Now;
            if (!created)
                return false;
            await DescribeAsync(number, claim);
            return true;
        }

        public async ValueTask DescribeAsync(int number, LeaseClaim claim)
        {
            if (!await share.AskAsync(machine, () => share.TryDescribe(number, claim)))
                throw new FileNotFoundException();
            _changed = share.World.Now;
        }

        public async ValueTask<LeaseClaim?> ReadAsync(int number)
        {
            var seenAt = SeenAt();
            return await share.AskAsync(machine, () =>
                share._claims.TryGetValue(number, out var entry) && entry.Removed is null && entry.Described <= seenAt ? entry.Claim : null);
        }

        public async ValueTask DeleteAsync(int number) => await share.AskAsync(machine, () => share.Remove(number));

        private long SeenAt() => share.Weather.Stale == 0
            ? long.MaxValue : Math.Max(_changed, share.World.Now - share.World.Between(0, share.Weather.Stale).Ticks);
    }

    private World World => world;

    private bool TryMake(int number)
    {
        if (_claims.TryGetValue(number, out var entry) && entry.Removed is null)
            return false;
        _claims[number] = new Entry(world.Now);
        return true;
    }

    private bool TryDescribe(int number, LeaseClaim claim)
    {
        if (!_claims.TryGetValue(number, out var entry) || entry.Removed is not null)
            return false;
        (entry.Claim, entry.Described) = (claim, world.Now);
        return true;
    }

    private bool Remove(int number)
    {
        if (_claims.TryGetValue(number, out var entry))
            entry.Removed ??= world.Now;
        return true;
    }
}
