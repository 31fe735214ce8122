namespace Ambrosia.Coordinator.Streams;

/// <summary>Equal buffers, kept for re-use up to a limit. Buffers of another size are left to the garbage collector.</summary>
internal sealed class BufferPool(int size, int keep)
{
    private readonly Stack<byte[]> _free = new();
    private readonly Lock _gate = new();

    public byte[] Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out var buffer))
                return buffer;
        }

        return GC.AllocateUninitializedArray<byte>(size);
    }

    public void Return(byte[] buffer)
    {
        if (buffer.Length != size)
            return;
        lock (_gate)
        {
            if (_free.Count < keep)
                _free.Push(buffer);
        }
    }
}
