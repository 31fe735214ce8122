using System.Runtime.CompilerServices;

namespace Ambrosia.Wire;

/// <summary>Bytes with their count (<c>ZZ32</c>) in front: names, arguments and returned values.</summary>
public static class LengthPrefixed
{
    /// <summary>
    /// Takes one such field from the start of <paramref name="source"/>, in place. False, with <paramref name="source"/> as it was,
    /// when the field does not lie within it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(scoped ref ReadOnlySpan<byte> source, out ReadOnlySpan<byte> bytes)
    {
        var n = VarInt.TryRead(source, out int count);
        if (n < 1 || count < 0 || count > source.Length - n)
        {
            bytes = default;
            return false;
        }

        bytes = source.Slice(n, count);
        source = source[(n + count)..];
        return true;
    }
}
