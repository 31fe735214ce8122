using Ambrosia.Arguments;
using Ambrosia.Binding;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// The tests' immortal. It counts numbered messages and whether each came once and in order, and sends numbered messages to others when
/// told to. It runs inside the test's process, so that a test can look at its state.
/// </summary>
internal sealed class Ledger : Immortal
{
    /// <summary>Counts a number of one source: source, number, any payload.</summary>
    public const int Note = 1;

    /// <summary>Sends so many numbered messages: destination, count, payload size.</summary>
    public const int SendNotes = 2;

    /// <summary>Counts an event from outside.</summary>
    public const int Event = 3;

    /// <summary>Makes the state so many bytes bigger.</summary>
    public const int Grow = 4;

    private readonly object _gate = new();
    private readonly SortedDictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly string _name;
    private long _outOfOrder;
    private long _events;
    private byte[] _ballast = [];

    public Ledger(string name)
    {
        _name = name;
        OnMethod(Note, (in call) => Count(call.Arguments));
        OnMethod(SendNotes, (in call) => Send(call.Arguments));
        OnMethod(Event, (in _) => Interlocked.Increment(ref _events));
        OnMethod(Grow, (in call) => _ballast = Ballast(new ArgumentReader(call.Arguments).ReadInt32()));
    }

    /// <summary>Set while a handler is to wait: a slow app.</summary>
    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public long OutOfOrder => Interlocked.Read(ref _outOfOrder);

    public long Events => Interlocked.Read(ref _events);

    public byte[] BallastBytes => _ballast;

    /// <summary>Number of the last message from a source.</summary>
    public long Received(string source)
    {
        lock (_gate)
            return _received.GetValueOrDefault(source);
    }

    public static byte[] Ballast(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    public static byte[] NoteArguments(string source, long number, int payload)
    {
        var buffer = new byte[source.Length + 30 + payload];
        var writer = new ArgumentWriter(buffer);
        writer.WriteString(source);
        writer.WriteInt64(number);
        return buffer;
    }

    public static byte[] SendArguments(string destination, int count, int payload)
    {
        var buffer = new byte[destination.Length + 40];
        var writer = new ArgumentWriter(buffer);
        writer.WriteString(destination);
        writer.WriteInt32(count);
        writer.WriteInt32(payload);
        return buffer;
    }

    public static byte[] GrowArguments(int length)
    {
        var buffer = new byte[10];
        var writer = new ArgumentWriter(buffer);
        writer.WriteInt32(length);
        return buffer;
    }

    protected internal override void Save(CheckpointWriter writer)
    {
        lock (_gate)
        {
            Save(writer, _received);
            Save(writer, _sent);
        }

        writer.WriteInt64(_outOfOrder);
        writer.WriteInt64(_events);
        writer.WriteBytes(_ballast);
    }

    protected internal override void Load(CheckpointReader reader)
    {
        lock (_gate)
        {
            Load(reader, _received);
            Load(reader, _sent);
        }

        _outOfOrder = reader.ReadInt64();
        _events = reader.ReadInt64();
        _ballast = reader.ReadBytes();
    }

    private static void Save(CheckpointWriter writer, SortedDictionary<string, long> numbers)
    {
        writer.WriteInt32(numbers.Count);
        foreach (var (name, number) in numbers)
        {
            writer.WriteString(name);
            writer.WriteInt64(number);
        }
    }

    private static void Load(CheckpointReader reader, SortedDictionary<string, long> numbers)
    {
        for (var left = reader.ReadInt32(); left > 0; left--)
            numbers[reader.ReadString()] = reader.ReadInt64();
    }

    private void Count(ReadOnlySpan<byte> arguments)
    {
        Gate.Wait();
        var reader = new ArgumentReader(arguments);
        var source = reader.ReadString();
        var number = reader.ReadInt64();
        lock (_gate)
        {
            if (number != _received.GetValueOrDefault(source) + 1)
                Interlocked.Increment(ref _outOfOrder);
            _received[source] = number;
        }
    }

    private void Send(ReadOnlySpan<byte> arguments)
    {
        var reader = new ArgumentReader(arguments);
        var destination = reader.ReadString();
        var count = reader.ReadInt32();
        var payload = reader.ReadInt32();
        var proxy = destination == "self" ? Self : Instance(destination);
        for (var i = 0; i < count; i++)
        {
            lock (_gate)
                _sent[destination] = _sent.GetValueOrDefault(destination) + 1;
            proxy.Fork(Note, NoteArguments(_name, _sent[destination], payload));
        }
    }
}
