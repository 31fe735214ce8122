using System.Runtime.CompilerServices;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// Gathers outgoing messages into one RPCBatch, so that a fine-grained send costs a few nanoseconds and not a system call.
/// Room for the batch's own header is kept in front of the messages; a lone message goes out without one.
/// </summary>
internal sealed class OutputBuffer(ICoordinatorChannel channel)
{
    /// <summary>A batch is sent when it has reached this many bytes.</summary>
    internal const int FlushSize = 128 * 1024;

    private const int InitialSize = 256 * 1024;

    /// <summary>A buffer that one huge message made bigger than this is given back after it.</summary>
    private const int KeptSize = 8 * 1024 * 1024;

    private const int HeaderRoom = VarInt.MaxBytes32 + 1 + VarInt.MaxBytes32;

    /// <summary>Whole messages leave under this lock, so that an impulse from another thread never lands inside one.</summary>
    private readonly Lock _gate = new();
    private byte[] _buffer = new byte[InitialSize];
    private int _end = HeaderRoom;
    private int _count;

    public bool IsEmpty => _count == 0;

    /// <summary>Appends a message of <paramref name="size"/> bytes (type included) and returns these bytes, for the caller to fill completely.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Append(int size)
    {
        if (_end >= FlushSize || size > _buffer.Length - _end - VarInt.MaxBytes32) MakeRoom(size);
        _end += VarInt.Write(_buffer.AsSpan(_end), size);
        var message = _buffer.AsSpan(_end, size);
        _end += size;
        _count++;
        return message;
    }

    /// <summary>Sends what was gathered.</summary>
    public void Flush()
    {
        if (_count == 0) return;
        var start = _count == 1 ? HeaderRoom : WriteBatchHeader();
        lock (_gate) channel.Send(_buffer.AsSpan(start, _end - start));
        _end = HeaderRoom;
        _count = 0;
        if (_buffer.Length > KeptSize) _buffer = new byte[InitialSize];
    }

    /// <summary>Sends one message of another type than RPC, after all that was gathered before it.</summary>
    public void Send(MessageType type, ReadOnlySpan<byte> data)
    {
        Flush();
        var size = 1 + data.Length;
        var message = new byte[VarInt.Size(size) + size];
        var n = VarInt.Write(message, size);
        message[n++] = (byte)type;
        data.CopyTo(message.AsSpan(n));
        lock (_gate) channel.Send(message);
    }

    /// <summary>Sends a complete message from any thread, beside the batch that is being gathered.</summary>
    public void SendFromAnyThread(ReadOnlySpan<byte> message)
    {
        if (_gate.IsHeldByCurrentThread) throw new InvalidOperationException("Nothing may be sent while a checkpoint is being written.");
        lock (_gate) channel.Send(message);
    }

    /// <summary>Runs <paramref name="write"/> with the channel to itself, after all that was gathered before it.</summary>
    public void Exclusively(Action<ICoordinatorChannel> write)
    {
        Flush();
        lock (_gate) write(channel);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void MakeRoom(int size)
    {
        Flush();
        var needed = (long)HeaderRoom + VarInt.MaxBytes32 + size;
        if (needed > Array.MaxLength) throw new ArgumentOutOfRangeException(nameof(size), size, "a message is at most 2 GiB");
        if (needed > _buffer.Length) _buffer = new byte[needed];
    }

    private int WriteBatchHeader()
    {
        var size = 1 + VarInt.Size(_count) + (_end - HeaderRoom);
        var start = HeaderRoom - VarInt.Size(size) - 1 - VarInt.Size(_count);
        var n = start + VarInt.Write(_buffer.AsSpan(start), size);
        _buffer[n++] = (byte)MessageType.RpcBatch;
        VarInt.Write(_buffer.AsSpan(n), _count);
        return start;
    }
}
