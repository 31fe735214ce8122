using System.Runtime.CompilerServices;
using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>
/// The bytes received and not yet processed. It never reads further ahead than its buffer, and the buffer grows only for a single
/// message that is bigger, and only as its bytes really arrive: a forged length costs no memory.
/// </summary>
internal sealed class InputBuffer(ICoordinatorChannel channel, Action beforeWaiting)
{
    /// <summary>Big enough to make system calls rare, small enough to stay in a core's cache.</summary>
    internal const int InitialSize = 256 * 1024;

    private byte[] _buffer = new byte[InitialSize];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Available
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_buffer, _start, _end - _start);
    }

    /// <summary>Consumes <paramref name="count"/> bytes that are <see cref="Available"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count) => _start += count;

    /// <summary>The next <paramref name="count"/> bytes, waiting for them if need be; valid until the next call that waits.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        while (_end - _start < count) Fill(count);
        var bytes = new ReadOnlySpan<byte>(_buffer, _start, count);
        _start += count;
        return bytes;
    }

    /// <summary>Waits for at least one more byte.</summary>
    public void Fill() => Fill(_end - _start + 1);

    /// <summary>Reads one <c>ZZ32</c> of a region of which <paramref name="left"/> bytes remain.</summary>
    public int ReadInt32(ref int left, string what)
    {
        while (true)
        {
            var n = VarInt.TryRead(Available, out int value);
            if (n > 0)
            {
                Consume(n, ref left, what);
                return value;
            }

            WaitForRest(n, VarInt.MaxBytes32, left, what);
        }
    }

    /// <summary>Reads one <c>ZZ64</c> of a region of which <paramref name="left"/> bytes remain.</summary>
    public long ReadInt64(ref int left, string what)
    {
        while (true)
        {
            var n = VarInt.TryRead(Available, out long value);
            if (n > 0)
            {
                Consume(n, ref left, what);
                return value;
            }

            WaitForRest(n, VarInt.MaxBytes64, left, what);
        }
    }

    public byte ReadByte(ref int left, string what)
    {
        if (left < 1) throw new ProtocolException($"{what} reaches beyond the end of its record");
        left--;
        return Take(1)[0];
    }

    /// <summary>Copies raw bytes into <paramref name="target"/>, past the buffer where that saves a copy.</summary>
    public void CopyTo(Span<byte> target)
    {
        var buffered = Math.Min(target.Length, _end - _start);
        Available[..buffered].CopyTo(target);
        _start += buffered;
        target = target[buffered..];
        while (target.Length >= InitialSize) target = target[Receive(target)..];
        if (target.Length > 0) Take(target.Length).CopyTo(target);
    }

    /// <summary>After a <see cref="VarInt"/> could not be read: waits for more bytes, if they can complete it.</summary>
    private void WaitForRest(int tried, int maxBytes, int left, string what)
    {
        if (tried < 0) throw new ProtocolException($"{what} is longer than {maxBytes} bytes");
        if (_end - _start >= left) throw new ProtocolException($"{what} reaches beyond the end of its record");
        Fill();
    }

    private void Consume(int count, ref int left, string what)
    {
        if (count > left) throw new ProtocolException($"{what} reaches beyond the end of its record");
        left -= count;
        _start += count;
    }

    private void Fill(int needed)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_buffer.Length - _start < needed || _end == _buffer.Length)
        {
            MakeRoom();
        }

        _end += Receive(_buffer.AsSpan(_end));
    }

    private void MakeRoom()
    {
        var kept = _end - _start;
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, kept);
        }
        else if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, 2L * _buffer.Length));
        }

        _start = 0;
        _end = kept;
    }

    private int Receive(Span<byte> target)
    {
        beforeWaiting();
        var n = channel.Receive(target);
        return n > 0 ? n : throw new CoordinatorGoneException();
    }
}
