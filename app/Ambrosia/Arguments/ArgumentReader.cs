using System.Buffers.Binary;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Arguments;

/// <summary>
/// Reads arguments in the C# binding's convention: each is a count (<c>ZZ32</c>) and that many bytes. A <c>byte[]</c> is its raw bytes;
/// our own services send numbers little endian at full width and text as UTF-8.
/// </summary>
public ref struct ArgumentReader(ReadOnlySpan<byte> arguments)
{
    private ReadOnlySpan<byte> _rest = arguments;

    /// <summary>Reads one <c>byte[]</c> in place.</summary>
    /// <exception cref="ProtocolException">The arguments end within it.</exception>
    public ReadOnlySpan<byte> ReadBytes()
    {
        if (!LengthPrefixed.TryRead(ref _rest, out var bytes)) throw new ProtocolException("an argument reaches beyond the end of its call");
        return bytes;
    }

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(ReadExactly(sizeof(int)));

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadExactly(sizeof(long)));

    /// <summary>
    /// As <see cref="ReadInt64"/>, but says false, and reads nothing, when the next argument is not one of ours: an app in another
    /// language, or the C# binding with its XML for whatever is no <c>byte[]</c>, may call the same method.
    /// </summary>
    public bool TryReadInt64(out long value)
    {
        var start = _rest;
        if (LengthPrefixed.TryRead(ref _rest, out var bytes) && BinaryPrimitives.TryReadInt64LittleEndian(bytes, out value) && bytes.Length == sizeof(long)) return true;
        _rest = start;
        value = 0;
        return false;
    }

    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(ReadExactly(sizeof(double)));

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    private ReadOnlySpan<byte> ReadExactly(int count)
    {
        var bytes = ReadBytes();
        return bytes.Length == count ? bytes : throw new ProtocolException($"an argument has {bytes.Length} bytes instead of {count}");
    }
}
