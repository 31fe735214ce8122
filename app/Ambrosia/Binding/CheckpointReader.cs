using System.Buffers.Binary;
using System.Text;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>Gives an immortal its state back, in the order in which <see cref="CheckpointWriter"/> took it.</summary>
public sealed class CheckpointReader
{
    private readonly InputBuffer _input;

    internal CheckpointReader(InputBuffer input, long length)
    {
        _input = input;
        Remaining = length;
    }

    /// <summary>How much is left, in bytes.</summary>
    public long Remaining { get; private set; }

    /// <summary>Fills <paramref name="target"/> with raw bytes.</summary>
    /// <exception cref="CheckpointException">The checkpoint ends earlier.</exception>
    public void ReadRaw(Span<byte> target)
    {
        Use(target.Length);
        _input.CopyTo(target);
    }

    public byte[] ReadBytes()
    {
        var count = ReadInt32();
        if (count < 0 || count > Remaining) throw new CheckpointException($"the checkpoint holds a length of {count} bytes with {Remaining} left");
        var bytes = new byte[count];
        ReadRaw(bytes);
        return bytes;
    }

    public int ReadInt32()
    {
        var value = ReadInt64();
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new CheckpointException($"the checkpoint holds {value} where a 32-bit number belongs");
    }

    public long ReadInt64()
    {
        var read = VarInt.TryRead(_input.Available, out long whole);
        if (read > 0)
        {
            Use(read);
            _input.Advance(read);
            return whole;
        }

        Span<byte> bytes = stackalloc byte[VarInt.MaxBytes64];
        for (var n = 0; n < bytes.Length; n++)
        {
            ReadRaw(bytes.Slice(n, 1));
            if (bytes[n] < 0x80)
            {
                VarInt.TryRead(bytes, out long value);
                return value;
            }
        }

        throw new CheckpointException($"the checkpoint holds a number longer than {VarInt.MaxBytes64} bytes");
    }

    public ulong ReadUInt64()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        ReadRaw(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadUInt64());

    public bool ReadBoolean()
    {
        Span<byte> one = stackalloc byte[1];
        ReadRaw(one);
        return one[0] switch
        {
            0 => false,
            1 => true,
            var other => throw new CheckpointException($"the checkpoint holds {other} where a truth value belongs"),
        };
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    private void Use(int count)
    {
        if (count > Remaining) throw new CheckpointException($"the checkpoint ends {count - Remaining} bytes too early");
        Remaining -= count;
    }
}
