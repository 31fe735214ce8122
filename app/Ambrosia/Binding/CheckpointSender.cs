using Ambrosia.Wire;

namespace Ambrosia.Binding;

/// <summary>Sends a checkpoint: all earlier output, the size, the bytes, and nothing in between.</summary>
internal static class CheckpointSender
{
    /// <summary>The layout of what the binding itself puts in front of the immortal's state.</summary>
    internal const int FormatVersion = 2;

    /// <exception cref="InvalidOperationException">The immortal wrote another number of bytes the second time.</exception>
    public static void Send(OutputBuffer output, Immortal immortal, bool isStarted)
    {
        var counter = new CheckpointWriter(null);
        Write(counter, immortal, isStarted);
        output.Exclusively(channel =>
        {
            channel.Send(Header(counter.Length));
            var writer = new CheckpointWriter(channel);
            Write(writer, immortal, isStarted);
            if (writer.Length != counter.Length) throw new InvalidOperationException($"{immortal.GetType().Name}.Save wrote {counter.Length} bytes, and then {writer.Length} for the same state.");
            writer.Flush();
        });
    }

    private static byte[] Header(long length)
    {
        var size = 1 + VarInt.Size(length);
        var header = new byte[VarInt.Size(size) + size];
        var n = VarInt.Write(header, size);
        header[n++] = (byte)MessageType.Checkpoint;
        VarInt.Write(header.AsSpan(n), length);
        return header;
    }

    private static void Write(CheckpointWriter writer, Immortal immortal, bool isStarted)
    {
        writer.WriteInt32(FormatVersion);
        writer.WriteBoolean(isStarted);
        immortal.Outbox.Save(writer);
        immortal.Save(writer);
    }
}
