using System.Runtime.CompilerServices;

namespace Ambrosia.Wire;

/// <summary>
/// Zig-zag base-128 integers, used for every variable-length number on every AMBROSIA channel:
/// u = (v &lt;&lt; 1) xor (v &gt;&gt; 31 or 63), low seven bits first, bit 7 set on every byte but the last. A number has the same
/// bytes at either width; writing it in 64-bit arithmetic alone was measured to cost about a nanosecond a message, of some 15 that
/// receiving and sending one take, so the sizes are written out for both.
/// </summary>
public static class VarInt
{
    /// <summary>The longest encoding of a 32-bit value, in bytes.</summary>
    public const int MaxBytes32 = 5;

    /// <summary>The longest encoding of a 64-bit value, in bytes.</summary>
    public const int MaxBytes64 = 10;

    /// <summary>Bytes that <paramref name="value"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(int value)
    {
        var u = (uint)((value << 1) ^ (value >> 31));
        return u < 1u << 7 ? 1 : u < 1u << 14 ? 2 : u < 1u << 21 ? 3 : u < 1u << 28 ? 4 : 5;
    }

    /// <inheritdoc cref="Size(int)"/>
    public static int Size(long value)
    {
        var u = (ulong)((value << 1) ^ (value >> 63));
        var n = 1;
        while (u >= 0x80)
        {
            u >>= 7;
            n++;
        }

        return n;
    }

    /// <summary>Writes <paramref name="value"/> at the start of <paramref name="target"/> and returns the number of bytes written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> target, int value)
    {
        var u = (uint)((value << 1) ^ (value >> 31));
        var n = 0;
        while (u >= 0x80)
        {
            target[n++] = (byte)(u | 0x80);
            u >>= 7;
        }

        target[n++] = (byte)u;
        return n;
    }

    /// <inheritdoc cref="Write(Span{byte}, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> target, long value)
    {
        var u = (ulong)((value << 1) ^ (value >> 63));
        var n = 0;
        while (u >= 0x80)
        {
            target[n++] = (byte)(u | 0x80);
            u >>= 7;
        }

        target[n++] = (byte)u;
        return n;
    }

    /// <summary>
    /// Reads one 32-bit value. Returns the number of bytes used, 0 when <paramref name="source"/> ends before the value does,
    /// and −1 when the value is longer than <see cref="MaxBytes32"/> bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TryRead(ReadOnlySpan<byte> source, out int value)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            uint one = source[0];
            value = (int)(one >> 1) ^ -(int)(one & 1);
            return 1;
        }

        return TryReadLonger(source, out value);
    }

    /// <summary>
    /// Reads one 64-bit value. Returns the number of bytes used, 0 when <paramref name="source"/> ends before the value does,
    /// and −1 when the value is longer than <see cref="MaxBytes64"/> bytes.
    /// </summary>
    public static int TryRead(ReadOnlySpan<byte> source, out long value)
    {
        var n = TryReadUnsigned(source, MaxBytes64, out var u);
        value = (long)(u >> 1) ^ -(long)(u & 1);
        return n;
    }

    /// <summary>Apart from the common case of one byte, so that only that one is inlined.</summary>
    private static int TryReadLonger(ReadOnlySpan<byte> source, out int value)
    {
        var n = TryReadUnsigned(source, MaxBytes32, out var u);
        value = (int)((uint)u >> 1) ^ -(int)(u & 1);
        return n;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TryReadUnsigned(ReadOnlySpan<byte> source, int maxBytes, out ulong value)
    {
        ulong u = 0;
        for (var n = 0; n < maxBytes; n++)
        {
            if (n >= source.Length)
            {
                value = 0;
                return 0;
            }

            var b = source[n];
            u |= (ulong)(b & 0x7F) << (7 * n);
            if (b < 0x80)
            {
                value = u;
                return n + 1;
            }
        }

        value = 0;
        return -1;
    }
}
