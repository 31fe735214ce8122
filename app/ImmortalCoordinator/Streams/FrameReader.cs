using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Ambrosia.Wire;

namespace Ambrosia.Coordinator.Streams;

/// <summary>One Msg inside a reader's buffer; valid until the reader is asked for the next one.</summary>
internal readonly ref struct Frame(MessageType type, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> data)
{
    public MessageType Type { get; } = type;

    /// <summary>Size, type and data, as they came.</summary>
    public ReadOnlySpan<byte> Whole { get; } = whole;

    public ReadOnlySpan<byte> Data { get; } = data;
}

/// <summary>
/// Cuts a socket's bytes into Msgs with few, large reads. The buffer grows with the bytes that really came, never with what a length claims.
/// </summary>
internal sealed class FrameReader(Socket socket, int bufferSize = 1 << 18)
{
    /// <summary>A Msg above this size is taken for garbage, in bytes.</summary>
    public const int MaxMessage = 1 << 30;

    private const int MaxKeptBuffer = 8 << 20;

    private byte[] _buffer = new byte[bufferSize];
    private int _start;
    private int _end;

    /// <summary>True when a whole Msg can be had without waiting.</summary>
    public bool HasWholeFrame => TryParse(out _, out _, out var need) && need <= _end - _start;

    /// <summary>Reads the next Msg; false at the end of the stream, when it lies between two Msgs.</summary>
    /// <exception cref="ProtocolException">The bytes are no Msg, or the stream ends within one.</exception>
    public bool TryRead(out Frame frame)
    {
        while (true)
        {
            if (TryParse(out var sizeBytes, out var bodyBytes, out var need) && need <= _end - _start)
            {
                var whole = _buffer.AsSpan(_start, need);
                frame = new Frame((MessageType)whole[sizeBytes], whole, whole.Slice(sizeBytes + 1, bodyBytes - 1));
                _start += need;
                return true;
            }

            if (!Fill(need))
            {
                if (_end == _start)
                {
                    frame = default;
                    return false;
                }

                throw new ProtocolException("the stream ended within a message");
            }
        }
    }

    /// <summary>Reads raw bytes that follow a Msg; fills the whole target.</summary>
    public void ReadRaw(Span<byte> target)
    {
        var buffered = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, buffered).CopyTo(target);
        _start += buffered;
        target = target[buffered..];
        while (target.Length > 0)
        {
            var n = socket.Receive(target);
            if (n == 0)
                throw new ProtocolException("the stream ended within a checkpoint");
            target = target[n..];
        }
    }

    /// <summary>
    /// <paramref name="need"/> is what the Msg takes in all, or 0 while that is unknown. A Checkpoint Msg ends behind its number, whatever
    /// its size says: the bytes that follow are raw, and a running AMBROSIA was seen to count one more (protocol, appendix A: 06 08 36).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryParse(out int sizeBytes, out int bodyBytes, out int need)
    {
        var available = _buffer.AsSpan(_start, _end - _start);
        sizeBytes = VarInt.TryRead(available, out int size);
        bodyBytes = size;
        need = 0;
        if (sizeBytes == 0)
            return false;
        if (sizeBytes < 0 || size is < 1 or > MaxMessage)
            throw new ProtocolException($"illegal message size {(sizeBytes < 0 ? "(over 5 bytes)" : size)}");
        if (available.Length <= sizeBytes)
            return false;
        if (available[sizeBytes] == (byte)MessageType.Checkpoint)
        {
            var n = VarInt.TryRead(available[(sizeBytes + 1)..], out long _);
            if (n < 0)
                throw new ProtocolException("illegal checkpoint length");
            if (n == 0)
                return false;
            bodyBytes = 1 + n;
        }

        need = sizeBytes + bodyBytes;
        return true;
    }

    private bool Fill(int need)
    {
        if (_start == _end)
        {
            _start = _end = 0;
            if (_buffer.Length > MaxKeptBuffer)
                _buffer = new byte[bufferSize]; // One huge message is no reason to keep its memory.
        }

        var room = _buffer.Length - _end;
        if (need > _buffer.Length - _start || room == 0)
        {
            if (_start > 0)
            {
                _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
                (_start, _end) = (0, _end - _start);
            }

            if (_end == _buffer.Length)
                Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        }

        var n = socket.Receive(_buffer.AsSpan(_end));
        _end += n;
        return n > 0;
    }
}
