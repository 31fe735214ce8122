using System.Buffers.Binary;

namespace Ambrosia.Wire;

/// <summary>The 24 bytes in front of every record that the coordinator sends to its app, little endian.</summary>
/// <param name="CommitterId">Constant for the life of the instance.</param>
/// <param name="TotalSize">Header and payload, in bytes.</param>
/// <param name="Check">xxHash64 of the payload, seed 0; 0 in front of a checkpoint.</param>
/// <param name="SequenceId">0 and up for logged records, <see cref="Control"/> or <see cref="Restore"/> otherwise.</param>
public readonly record struct RecordHeader(int CommitterId, int TotalSize, long Check, long SequenceId)
{
    /// <summary>Length of the header itself, in bytes.</summary>
    public const int Size = 24;

    /// <summary>Sequence ID of a control record, which is not logged.</summary>
    public const long Control = -1;

    /// <summary>Sequence ID of the record that carries the checkpoint to restore.</summary>
    public const long Restore = -2;

    public int PayloadSize => TotalSize - Size;

    public static RecordHeader Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadInt32LittleEndian(source),
        BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[16..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, CommitterId);
        BinaryPrimitives.WriteInt32LittleEndian(target[4..], TotalSize);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], Check);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], SequenceId);
    }
}
