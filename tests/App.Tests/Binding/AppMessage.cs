using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.App.Tests.Binding;

/// <summary>A message as the coordinator gets it from an app; of a checkpoint, the raw bytes that follow too.</summary>
internal sealed record AppMessage(MessageType Type, byte[] Data, byte[] Blob)
{
    /// <summary>An RPC's destination; empty for self.</summary>
    public string Destination
    {
        get
        {
            var n = VarInt.TryRead(Data, out int length);
            return Encoding.UTF8.GetString(Data, n, length);
        }
    }

    /// <summary>An RPC from its return form on, which is what its receiver gets.</summary>
    public byte[] Body
    {
        get
        {
            var n = VarInt.TryRead(Data, out int length);
            return Data[(n + length)..];
        }
    }

    /// <summary>Reads all of what an app sent, with the batches opened.</summary>
    public static List<AppMessage> ReadAll(ReadOnlySpan<byte> sent)
    {
        var messages = new List<AppMessage>();
        while (!sent.IsEmpty) messages.AddRange(Read(ref sent));
        return messages;
    }

    private static List<AppMessage> Read(ref ReadOnlySpan<byte> sent)
    {
        var n = VarInt.TryRead(sent, out int size);
        if (n < 1 || size < 1) throw new InvalidDataException("the app sent a bad size");
        var type = (MessageType)sent[n];
        var data = sent.Slice(n + 1, size - 1);
        sent = sent[(n + size)..];
        switch (type)
        {
            case MessageType.RpcBatch:
                var header = VarInt.TryRead(data, out int count);
                var inner = ReadAll(data[header..]);
                return inner.Count == count ? inner : throw new InvalidDataException($"a batch of {count} holds {inner.Count}");
            case MessageType.Checkpoint:
                VarInt.TryRead(data, out long length);
                var blob = sent[..(int)length].ToArray();
                sent = sent[(int)length..];
                return [new AppMessage(type, data.ToArray(), blob)];
            default:
                return [new AppMessage(type, data.ToArray(), [])];
        }
    }
}
