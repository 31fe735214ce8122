using Ambrosia.Wire;

namespace Ambrosia.App.Tests.Binding;

/// <summary>Builds what a coordinator sends to its app.</summary>
internal static class Records
{
    private const int CommitterId = 0x287931CC;

    public static byte[] Record(long sequenceId, params byte[][] messages)
    {
        var payload = messages.SelectMany(bytes => bytes).ToArray();
        var record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(CommitterId, record.Length, 0, sequenceId).Write(record);
        payload.CopyTo(record, RecordHeader.Size);
        return record;
    }

    public static byte[] Control(MessageType type) => Record(RecordHeader.Control, Message(type));

    public static byte[] Restore(byte[] blob) => [.. Record(RecordHeader.Restore, Message(MessageType.Checkpoint, Number(blob.Length))), .. blob];

    public static byte[] Message(MessageType type, params byte[][] data)
    {
        var body = data.SelectMany(bytes => bytes).ToArray();
        return [.. Number(1 + body.Length), (byte)type, .. body];
    }

    public static byte[] Fork(int method, params byte[] arguments) => Rpc([0, .. Number(method), (byte)RpcType.Fork, .. arguments]);

    public static byte[] Call(int method, string caller, long callId, params byte[] arguments) =>
        Rpc([0, .. Number(method), (byte)RpcType.Call, .. Text(caller), .. Number(callId), .. arguments]);

    public static byte[] Reply(ReturnKind kind, string sender, long callId, params byte[] value) =>
        Rpc([(byte)kind, .. Text(sender), .. Number(callId), .. kind == ReturnKind.Void ? [] : Number(value.Length), .. value]);

    public static byte[] Rpc(params byte[] body) => Message(MessageType.Rpc, body);

    public static byte[] Batch(params byte[][] messages) => Message(MessageType.RpcBatch, [Number(messages.Length), .. messages]);

    public static byte[] CountedBatch(int replayable, params byte[][] messages) =>
        Message(MessageType.CountReplayableRpcBatch, [Number(messages.Length), Number(replayable), .. messages]);

    public static byte[] Number(long value)
    {
        var bytes = new byte[VarInt.MaxBytes64];
        return bytes[..VarInt.Write(bytes, value)];
    }

    public static byte[] Text(string value) => [.. Number(System.Text.Encoding.UTF8.GetByteCount(value)), .. System.Text.Encoding.UTF8.GetBytes(value)];
}
