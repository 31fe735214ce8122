using System.Buffers.Binary;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// Takes an immortal's state. The protocol wants the size in front of the bytes, and a state may be bigger than any array, so
/// <see cref="Immortal.Save"/> runs twice: once to count, once to send. It must therefore write the same bytes both times.
/// </summary>
public sealed class CheckpointWriter
{
    private readonly ICoordinatorChannel? _channel;
    private readonly byte[] _buffer;
    private int _used;

    internal CheckpointWriter(ICoordinatorChannel? channel)
    {
        _channel = channel;
        _buffer = channel is null ? [] : new byte[64 * 1024];
    }

    /// <summary>How much was written so far, in bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Writes raw bytes, without their count.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (_channel is null) return;
        if (bytes.Length > _buffer.Length - _used) Flush();
        if (bytes.Length > _buffer.Length)
        {
            _channel.Send(bytes);
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_used));
        _used += bytes.Length;
    }

    /// <summary>Writes a count and that many bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteInt32(bytes.Length);
        WriteRaw(bytes);
    }

    public void WriteInt32(int value)
    {
        Span<byte> bytes = stackalloc byte[VarInt.MaxBytes32];
        WriteRaw(bytes[..VarInt.Write(bytes, value)]);
    }

    public void WriteInt64(long value)
    {
        Span<byte> bytes = stackalloc byte[VarInt.MaxBytes64];
        WriteRaw(bytes[..VarInt.Write(bytes, value)]);
    }

    public void WriteUInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        WriteRaw(bytes);
    }

    public void WriteDouble(double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        WriteRaw(bytes);
    }

    public void WriteBoolean(bool value) => WriteRaw([value ? (byte)1 : (byte)0]);

    public void WriteString(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        WriteBytes(Encoding.UTF8.GetBytes(value));
    }

    internal void Flush()
    {
        _channel?.Send(_buffer.AsSpan(0, _used));
        _used = 0;
    }
}
