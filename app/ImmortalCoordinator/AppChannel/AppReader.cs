using System.Net.Sockets;
using System.Text;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator.AppChannel;

/// <summary>What the app's messages set off.</summary>
internal interface IAppHost
{
    /// <summary>False while replaying: an Impulse is an error then.</summary>
    bool Primary { get; }

    OutputQueue Output(string destination);

    void AttachTo(string destination);

    void InitialMessage(ReadOnlySpan<byte> message);

    /// <summary>The app's checkpoint begins; exactly <paramref name="length"/> raw bytes must be taken from <paramref name="read"/>.</summary>
    void Checkpoint(ReadOnlySpan<byte> message, long length, ReadRaw read);

    void CheckpointWanted();

    /// <summary>The app has sent so many bytes more.</summary>
    void Produced(int bytes);
}

internal delegate void ReadRaw(Span<byte> target);

/// <summary>
/// Reads what the app sends and sorts it by destination. A message is copied once, without its destination field, into the destination's
/// queue; nothing is allocated per message.
/// </summary>
internal sealed class AppReader(IAppHost host, Socket socket)
{
    private readonly List<(byte[] Name, OutputQueue Queue)> _destinations = [];
    private (byte[] Name, OutputQueue Queue) _last = ([], null!);

    /// <summary>Runs until the app closes its side.</summary>
    public void Run()
    {
        var reader = new FrameReader(socket, 1 << 20);
        while (reader.TryRead(out var frame))
        {
            switch (frame.Type)
            {
                case MessageType.Rpc:
                    Route(frame.Data);
                    break;
                case MessageType.RpcBatch:
                    RouteBatch(frame.Data);
                    break;
                case MessageType.AttachTo:
                    host.AttachTo(Name(frame.Data));
                    break;
                case MessageType.InitialMessage:
                    host.InitialMessage(frame.Whole);
                    break;
                case MessageType.TakeCheckpoint:
                    host.CheckpointWanted();
                    break;
                case MessageType.Checkpoint:
                    PublishAll();
                    VarInt.TryRead(frame.Data, out long length);
                    if (length < 0)
                        throw new ProtocolException("negative checkpoint length");
                    host.Checkpoint(frame.Whole, length, reader.ReadRaw);
                    break;
                default:
                    throw new ProtocolException($"message type {(byte)frame.Type} does not come from an app");
            }

            host.Produced(frame.Whole.Length);
            if (!reader.HasWholeFrame)
                PublishAll();
        }
    }

    private static string Name(ReadOnlySpan<byte> utf8)
    {
        var name = Encoding.UTF8.GetString(utf8);
        return Options.CommandLine.IsName(name) ? name : throw new ProtocolException($"\"{name}\" is no instance name");
    }

    private void RouteBatch(ReadOnlySpan<byte> data)
    {
        var at = VarInt.TryRead(data, out int count);
        if (at <= 0 || count < 0)
            throw new ProtocolException("illegal batch count");
        for (var i = 0; i < count; i++)
        {
            var n = VarInt.TryRead(data[at..], out int size);
            if (n <= 0 || size < 1 || size > data.Length - at - n || data[at + n] != (byte)MessageType.Rpc)
                throw new ProtocolException("a batch holds something else than whole RPCs");
            Route(data.Slice(at + n + 1, size - 1));
            at += n + size;
        }

        if (at != data.Length)
            throw new ProtocolException("a batch is longer than its messages");
    }

    private void Route(ReadOnlySpan<byte> data)
    {
        var n = VarInt.TryRead(data, out int length);
        if (n <= 0 || length < 0 || length >= data.Length - n)
            throw new ProtocolException("an RPC without a whole destination");
        var body = data[(n + length)..];
        var queue = Find(data.Slice(n, length));
        var impulse = Messages.IsImpulse(body);
        if (impulse && !host.Primary)
            throw new ProtocolException("an Impulse before becoming primary");
        var size = 1 + body.Length;
        var sizeBytes = VarInt.Size(size);
        var room = queue.Reserve(sizeBytes + size);
        VarInt.Write(room, size);
        room[sizeBytes] = (byte)MessageType.Rpc;
        body.CopyTo(room[(sizeBytes + 1)..]);
        queue.Commit(sizeBytes + size, !impulse);
    }

    private OutputQueue Find(ReadOnlySpan<byte> name)
    {
        if (_last.Queue is not null && name.SequenceEqual(_last.Name))
            return _last.Queue;
        foreach (var entry in _destinations)
        {
            if (name.SequenceEqual(entry.Name))
                return (_last = entry).Queue;
        }

        var destination = name.Length == 0 ? "" : Name(name);
        if (destination.Length > 0)
            host.AttachTo(destination); // An app that forgot to: its messages would be kept for ever, without a word.
        var added = (name.ToArray(), host.Output(destination));
        _destinations.Add(added);
        return (_last = added).Item2;
    }

    private void PublishAll()
    {
        foreach (var (_, queue) in _destinations)
            queue.Publish();
    }
}
