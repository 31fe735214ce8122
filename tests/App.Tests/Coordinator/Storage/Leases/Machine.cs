namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>
/// A process on a machine of its own: its code runs only while it is neither paused nor dead, and its clocks go as they like: the
/// monotonic one at another speed, the wall clock hours off.
/// </summary>
internal sealed class Machine : SynchronizationContext
{
    private readonly World _world;
    private readonly Queue<Action> _held = new();
    private bool _running;

    public Machine(World world, double speed, TimeSpan wallClockError)
    {
        _world = world;
        Clock = new MachineClock(this, world, speed, wallClockError);
    }

    public TimeProvider Clock { get; }

    public bool Paused { get; private set; }

    public bool Dead { get; private set; }

    /// <summary>Cut off from the share: what it asks arrives when it is healed, if it has not failed before.</summary>
    public bool CutOff { get; set; }

    public void Kill() => Dead = true;

    public void Pause() => Paused = true;

    public void Resume()
    {
        Paused = false;
        while (_held.TryDequeue(out var action))
            Run(action);
    }

    public override void Post(SendOrPostCallback d, object? state) => Run(() => d(state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    /// <summary>Runs code of the process: now, or as soon as it runs again.</summary>
    public void Run(Action action)
    {
        if (Dead)
            return;
        if (Paused)
        {
            _held.Enqueue(action);
            return;
        }

        if (_running)
        {
            _world.After(TimeSpan.Zero, () => Run(action));
            return;
        }

        var outer = Current;
        SetSynchronizationContext(this);
        _running = true;
        try
        {
            action();
        }
        finally
        {
            _running = false;
            SetSynchronizationContext(outer);
        }
    }

    private sealed class MachineClock(Machine machine, World world, double speed, TimeSpan wallClockError) : TimeProvider
    {
        public override long TimestampFrequency => World.TicksPerSecond;

        public override long GetTimestamp() => (long)(world.Now * speed);

        public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + world.Time + wallClockError;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new MachineTimer(machine, world, speed, () => callback(state), dueTime);
    }

    private sealed class MachineTimer : ITimer
    {
        private readonly Machine _machine;
        private readonly World _world;
        private readonly double _speed;
        private readonly Action _callback;
        private int _version;

        public MachineTimer(Machine machine, World world, double speed, Action callback, TimeSpan dueTime)
        {
            (_machine, _world, _speed, _callback) = (machine, world, speed, callback);
            Change(dueTime, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime == Timeout.InfiniteTimeSpan)
                return true;

            // Never a tick early.
            _world.At(_world.Now + (long)Math.Ceiling(dueTime.Ticks / _speed) + 1, () => _machine.Run(() =>
            {
                if (version == _version)
                    _callback();
            }));
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
