using System.Text;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Length-delimited fields of a protocol buffer message, for the two messages that kubectl does not take or send as JSON.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<byte> _bytes = [];

    public ProtobufMessage Add(int field, ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)((field << 3) | 2));
        WriteVarint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    public ProtobufMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.ToArray());

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>The length-delimited fields of a message; others are passed over.</summary>
    public static IReadOnlyDictionary<int, byte[]> Read(ReadOnlySpan<byte> bytes)
    {
        var fields = new Dictionary<int, byte[]>();
        while (bytes.Length > 0)
        {
            var tag = ReadVarint(ref bytes);
            switch (tag & 7)
            {
                case 0:
                    ReadVarint(ref bytes);
                    break;
                case 1:
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)ReadVarint(ref bytes);
                    fields[(int)(tag >> 3)] = bytes[..length].ToArray();
                    bytes = bytes[length..];
                    break;
                case 5:
                    bytes = bytes[4..];
                    break;
                default:
                    throw new FormatException($"A protocol buffer field of wire type {tag & 7}.");
            }
        }

        return fields;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 127) << shift;
            if (next < 128)
                return value;
        }
    }

    private void WriteVarint(ulong value)
    {
        for (; value > 127; value >>= 7)
            _bytes.Add((byte)(value | 128));
        _bytes.Add((byte)value);
    }
}
