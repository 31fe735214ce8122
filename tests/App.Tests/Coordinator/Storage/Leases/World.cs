namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>
/// Virtual time, and all that happens in it, on one thread and in an order that the seed alone decides. True time is that of the world;
/// what a machine's clock shows is the machine's affair.
/// </summary>
internal sealed class World(int seed)
{
    public const long TicksPerSecond = TimeSpan.TicksPerSecond;

    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;

    public Random Random { get; } = new(seed);

    /// <summary>True time in ticks of 100 ns.</summary>
    public long Now { get; private set; }

    public TimeSpan Time => TimeSpan.FromTicks(Now);

    public void At(long time, Action action) => _events.Enqueue(action, (Math.Max(time, Now), _order++));

    public void After(TimeSpan delay, Action action) => At(Now + delay.Ticks, action);

    public TimeSpan Between(double seconds, double orSeconds) => TimeSpan.FromSeconds(seconds + (Random.NextDouble() * (orSeconds - seconds)));

    public bool Chance(double probability) => Random.NextDouble() < probability;

    /// <summary>Lets everything happen that happens until then.</summary>
    public void RunUntil(TimeSpan time, Func<bool>? orUntil = null)
    {
        while (orUntil?.Invoke() != true && _events.TryPeek(out var action, out var at) && at.At <= time.Ticks)
        {
            _events.Dequeue();
            Now = at.At;
            action();
        }

        if (orUntil?.Invoke() != true)
            Now = Math.Max(Now, time.Ticks);
    }
}
