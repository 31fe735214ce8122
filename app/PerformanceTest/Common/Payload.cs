using Ambrosia.Wire;

namespace Ambrosia.PerformanceTest;

/// <summary>
/// What a message carries: the byte pattern 0, 1, 2 …, over whose start are written the call's number (<c>ZZ64</c>, from 1, as the
/// original has it) and the number of the Job that sent it (<c>ZZ32</c>, because a Fork does not name its sender).
/// </summary>
public static class Payload
{
    /// <summary>The smallest payload, in bytes; both numbers fit in it.</summary>
    public const int MinimumSize = 16;

    public static byte[] CreatePattern(int size)
    {
        var pattern = new byte[size];
        for (var i = 0; i < size; i++) pattern[i] = (byte)i;
        return pattern;
    }

    /// <summary>Fills <paramref name="target"/>, which is the whole payload.</summary>
    public static void Write(Span<byte> target, ReadOnlySpan<byte> pattern, long callNumber, int source)
    {
        pattern[..target.Length].CopyTo(target);
        var n = VarInt.Write(target, callNumber);
        VarInt.Write(target[n..], source);
    }

    /// <summary>Reads both numbers. A source that cannot be read is 0; false when there is no call number either.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out long callNumber, out int source)
    {
        source = 0;
        var n = VarInt.TryRead(payload, out callNumber);
        if (n < 1) return false;
        if (VarInt.TryRead(payload[n..], out int read) > 0) source = read;
        return true;
    }
}
