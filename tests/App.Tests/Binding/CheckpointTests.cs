using Ambrosia.Binding;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

public class CheckpointTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);

    [Test]
    public void A_state_of_several_buffers_comes_back_as_it_was()
    {
        var probe = new ProbeImmortal();
        for (var i = 0; i < 50; i++) probe.Notes.Add(new string((char)('a' + i % 26), i * i * 100));
        var blob = ScriptedChannel.Run(probe, FirstStart).Messages[^1].Blob;
        var restored = new ProbeImmortal();

        ScriptedChannel.Run(restored, 100_000, Restore(blob));

        Assert.That(blob, Has.Length.GreaterThan(4 * InputBuffer.InitialSize));
        Assert.That(restored.Notes, Is.EqualTo(probe.Notes));
    }

    [Test]
    public void A_size_beyond_32_bits_is_announced_and_sent_in_full_without_holding_it()
    {
        const int InitialMessageLength = 8;
        const long Size = 5L << 30;
        var piece = new byte[1 << 20];
        var channel = new CountingChannel(FirstStart);
        var probe = new ProbeImmortal
        {
            AlsoSave = writer =>
            {
                for (var written = 0L; written < Size; written += piece.Length) writer.WriteRaw(piece);
            },
        };

        Assert.That(() => new MessageLoop(channel, probe, new ImmortalOptions("nca", 1, 2), _ => { }).Run(), Throws.TypeOf<CoordinatorGoneException>());

        var header = channel.Start.AsSpan(InitialMessageLength);
        var n = VarInt.TryRead(header, out int size);
        VarInt.TryRead(header[(n + 1)..], out long length);
        Assert.That(header[n], Is.EqualTo((byte)MessageType.Checkpoint));
        Assert.That(length, Is.GreaterThan(Size));
        Assert.That(channel.Sent, Is.EqualTo(InitialMessageLength + n + size + length));
    }

    [Test]
    public void A_save_that_differs_from_run_to_run_is_an_error()
    {
        var runs = 0;
        var probe = new ProbeImmortal { AlsoSave = writer => writer.WriteRaw(new byte[++runs]) };

        Assert.That(() => ScriptedChannel.Run(probe, FirstStart), Throws.InvalidOperationException.With.Message.Contains("Save wrote"));
    }

    [Test]
    public void A_checkpoint_that_the_app_does_not_read_to_the_end_is_refused()
    {
        var blob = ScriptedChannel.Run(new ProbeImmortal(), FirstStart).Messages[^1].Blob;

        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), Restore([.. blob, 0])), Throws.TypeOf<CheckpointException>().With.Message.Contains("unread"));
    }

    [Test]
    public void A_checkpoint_cut_short_is_refused([Range(0, 5)] int length)
    {
        var blob = ScriptedChannel.Run(new ProbeImmortal(), FirstStart).Messages[^1].Blob;
        Assert.That(length, Is.LessThan(blob.Length));

        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), Restore(blob[..length])), Throws.TypeOf<CheckpointException>());
    }

    private sealed class CountingChannel(byte[] script) : ICoordinatorChannel
    {
        private int _position;

        public byte[] Start { get; } = new byte[64];

        public long Sent { get; private set; }

        public bool DataAvailable => false;

        public int Receive(Span<byte> buffer)
        {
            var count = Math.Min(buffer.Length, script.Length - _position);
            script.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public void Send(ReadOnlySpan<byte> bytes)
        {
            if (Sent < Start.Length) bytes[..(int)Math.Min(bytes.Length, Start.Length - Sent)].CopyTo(Start.AsSpan((int)Sent));
            Sent += bytes.Length;
        }
    }
}
