using Ambrosia.Wire;

namespace Ambrosia.Coordinator.Streams;

/// <summary>What the coordinator needs to know of Msgs: how many, and which of them are Impulses.</summary>
internal static class Messages
{
    /// <summary>The most bytes that <see cref="WriteBatchHeader"/> writes.</summary>
    public const int MaxBatchHeader = 16;

    /// <summary>True when the body (from the <c>ret</c> byte on) is an Impulse: a call whose rpcType is 2.</summary>
    public static bool IsImpulse(ReadOnlySpan<byte> body)
    {
        if (body.Length < 3 || body[0] != (byte)ReturnKind.Call)
            return false;
        var n = VarInt.TryRead(body[1..], out int _);
        return n > 0 && body.Length > 1 + n && body[1 + n] == (byte)RpcType.Impulse;
    }

    /// <summary>Length of the first Msg of <paramref name="run"/>, a run of whole Msgs, and whether it is an Impulse.</summary>
    public static int First(ReadOnlySpan<byte> run, out bool impulse)
    {
        var n = VarInt.TryRead(run, out int size);
        if (n <= 0 || size < 1 || size > run.Length - n || run[n] != (byte)MessageType.Rpc)
            throw new ProtocolException("a batch holds something else than whole RPCs");
        impulse = IsImpulse(run.Slice(n + 1, size - 1));
        return n + size;
    }

    /// <summary>
    /// The header that makes a batch of <paramref name="bytes"/> bytes of whole RPCs: type 5 when none is an Impulse, else type 13.
    /// A single RPC needs none, and gets none.
    /// </summary>
    public static int WriteBatchHeader(Span<byte> target, int bytes, int count, int replayable)
    {
        if (count == 1)
            return 0;
        var all = count == replayable;
        var body = 1 + VarInt.Size(count) + (all ? 0 : VarInt.Size(replayable)) + bytes;
        var n = VarInt.Write(target, body);
        target[n++] = (byte)(all ? MessageType.RpcBatch : MessageType.CountReplayableRpcBatch);
        n += VarInt.Write(target[n..], count);
        return all ? n : n + VarInt.Write(target[n..], replayable);
    }

    /// <summary>Counts what a data stream's Msg holds, and checks its framing, so that nothing malformed can reach the log.</summary>
    public static (int Count, int Replayable) Count(in Frame frame)
    {
        switch (frame.Type)
        {
            case MessageType.Rpc:
                if (frame.Data.Length == 0)
                    throw new ProtocolException("an empty RPC");
                return (1, IsImpulse(frame.Data) ? 0 : 1);
            case MessageType.RpcBatch:
                return Walk(frame.Data, counted: false);
            case MessageType.CountReplayableRpcBatch:
                return Walk(frame.Data, counted: true);
            default:
                throw new ProtocolException($"message type {(byte)frame.Type} does not belong on a data stream");
        }
    }

    private static (int Count, int Replayable) Walk(ReadOnlySpan<byte> data, bool counted)
    {
        var at = VarInt.TryRead(data, out int count);
        if (at <= 0 || count < 0)
            throw new ProtocolException("illegal batch count");
        var claimed = count;
        if (counted)
        {
            var n = VarInt.TryRead(data[at..], out claimed);
            if (n <= 0 || claimed < 0 || claimed > count)
                throw new ProtocolException("illegal replayable count");
            at += n;
        }

        var replayable = 0;
        for (var i = 0; i < count; i++)
        {
            at += First(data[at..], out var impulse);
            if (!impulse)
                replayable++;
        }

        if (at != data.Length || replayable != claimed)
            throw new ProtocolException("a batch's counts do not fit its messages");
        return (count, replayable);
    }
}
