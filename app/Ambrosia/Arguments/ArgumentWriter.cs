using System.Buffers.Binary;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Arguments;

/// <summary>Writes arguments as <see cref="ArgumentReader"/> reads them, into memory that is big enough (see the Size methods).</summary>
public ref struct ArgumentWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _target[..Length];

    /// <summary>Bytes that an argument of <paramref name="count"/> raw bytes takes.</summary>
    public static int SizeOfBytes(int count) => VarInt.Size(count) + count;

    /// <summary>Bytes that a text takes.</summary>
    public static int SizeOfString(string value) => SizeOfBytes(Encoding.UTF8.GetByteCount(value));

    /// <summary>Appends an argument of <paramref name="count"/> bytes and returns them, to be filled in place.</summary>
    public Span<byte> BeginBytes(int count)
    {
        Length += VarInt.Write(_target[Length..], count);
        var bytes = _target.Slice(Length, count);
        Length += count;
        return bytes;
    }

    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(BeginBytes(value.Length));

    /// <summary>Takes 5 bytes.</summary>
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(BeginBytes(sizeof(int)), value);

    /// <summary>Takes 9 bytes.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(BeginBytes(sizeof(long)), value);

    /// <summary>Takes 9 bytes.</summary>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleLittleEndian(BeginBytes(sizeof(double)), value);

    public void WriteString(string value) => Encoding.UTF8.GetBytes(value, BeginBytes(Encoding.UTF8.GetByteCount(value)));
}
