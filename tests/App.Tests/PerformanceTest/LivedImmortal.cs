using Ambrosia.App.Tests.Binding;
using Ambrosia.Binding;
using Ambrosia.Wire;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.PerformanceTest;

/// <summary>
/// An instance whose process dies whenever it has nothing more to do. Each life is restored from a checkpoint, gets the logged
/// messages again, and what it sends is taken by count alone, as a coordinator takes it.
/// </summary>
/// <param name="name">The instance's name.</param>
/// <param name="create">Makes a new process's immortal, which prints to the given writer.</param>
/// <param name="checkpointEach">Take a checkpoint at the end of every so many lives.</param>
internal sealed class LivedImmortal(string name, Func<TextWriter, Immortal> create, int checkpointEach)
{
    private readonly List<byte[]> _inbox = [Record(0, Message(MessageType.InitialMessage))];
    private readonly Dictionary<string, int> _taken = [];
    private readonly Dictionary<string, int> _takenAtCheckpoint = [];
    private byte[]? _checkpoint;
    private long _nextSequenceId = 1;
    private int _delivered;

    public string Name => name;

    public int Lives { get; private set; }

    /// <summary>What the last life printed.</summary>
    public List<string> LastLines { get; private set; } = [];

    /// <summary>What was printed in the order of the messages, repetitions left out.</summary>
    public List<string> Lines { get; } = [];

    private readonly List<string> _linesSinceCheckpoint = [];

    public bool HasWork => _delivered < _inbox.Count;

    public void Deliver(byte[] body) => _inbox.Add(Record(_nextSequenceId++, Rpc(body)));

    /// <summary>Lives once, and returns the messages that no earlier life has sent, by destination.</summary>
    public List<(string Destination, byte[] Body)> Live()
    {
        var printed = new StringWriter { NewLine = "\n" };
        var takesCheckpoint = ++Lives % checkpointEach == 0;
        var start = _checkpoint is null ? Control(MessageType.TakeBecomingPrimaryCheckpoint) : Restore(_checkpoint);
        var channel = ScriptedChannel.RunAs(name, create(printed), int.MaxValue, [start, .. _inbox, .. takesCheckpoint ? [Control(MessageType.TakeCheckpoint)] : Array.Empty<byte[]>()]);
        LastLines = [.. printed.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Lines.AddRange(LastLines.Skip(_linesSinceCheckpoint.Count));
        if (!LastLines.Take(_linesSinceCheckpoint.Count).SequenceEqual(_linesSinceCheckpoint)) throw new InvalidDataException("a replay printed something else");
        _linesSinceCheckpoint.Clear();
        _linesSinceCheckpoint.AddRange(LastLines);
        _delivered = _inbox.Count;
        var sent = TakeNew(channel.Messages);
        if (takesCheckpoint) Checkpoint(channel);
        return sent;
    }

    private List<(string Destination, byte[] Body)> TakeNew(List<AppMessage> messages)
    {
        var counts = new Dictionary<string, int>(_takenAtCheckpoint);
        var sent = new List<(string, byte[])>();
        foreach (var message in messages.Where(message => message.Type == MessageType.Rpc))
        {
            var number = counts[message.Destination] = counts.GetValueOrDefault(message.Destination) + 1;
            if (number <= _taken.GetValueOrDefault(message.Destination)) continue;
            _taken[message.Destination] = number;
            sent.Add((message.Destination, message.Body));
        }

        return sent;
    }

    private void Checkpoint(ScriptedChannel channel)
    {
        _checkpoint = channel.Messages[^1].Blob;
        _inbox.Clear();
        _delivered = 0;
        _linesSinceCheckpoint.Clear();
        foreach (var (destination, count) in _taken) _takenAtCheckpoint[destination] = count;
    }
}
