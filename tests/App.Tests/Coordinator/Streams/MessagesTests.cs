using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

[Parallelizable]
public class MessagesTests
{
    private static readonly byte[] Fork = Records.Fork(1, 0x66, 0x31);
    private static readonly byte[] Impulse = Records.Rpc([0, 4, (byte)RpcType.Impulse, 0x78, 0x30]);

    [Test]
    public void An_rpc_is_one_message_and_an_impulse_is_not_replayable()
    {
        Assert.That(Count(Fork), Is.EqualTo((1, 1)));
        Assert.That(Count(Impulse), Is.EqualTo((1, 0)));
    }

    [Test]
    public void Batches_are_counted()
    {
        Assert.That(Count(Records.Batch(Fork, Fork, Fork)), Is.EqualTo((3, 3)));
        Assert.That(Count(Records.CountedBatch(1, Impulse, Fork, Impulse)), Is.EqualTo((3, 1)));
        Assert.That(Count(Records.Batch()), Is.EqualTo((0, 0)), "a sign of life");
    }

    [Test]
    public void Only_a_call_of_type_two_is_an_impulse()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Messages.IsImpulse([0, 2, 2]), Is.True);
            Assert.That(Messages.IsImpulse([0, 0x80, 0x01, 2]), Is.True, "a method ID of two bytes");
            Assert.That(Messages.IsImpulse([0, 2, 1]), Is.False);
            Assert.That(Messages.IsImpulse([0, 2, 0]), Is.False);
            Assert.That(Messages.IsImpulse([1, 2, 2]), Is.False, "a reply");
            Assert.That(Messages.IsImpulse([0, 0x80, 0x80]), Is.False);
            Assert.That(Messages.IsImpulse([0, 2]), Is.False);
            Assert.That(Messages.IsImpulse([]), Is.False);
        });
    }

    /// <summary>Seen on a running AMBROSIA: 22 0d 04 00, then two Impulses of method 2.</summary>
    [Test]
    public void A_batch_header_is_the_protocols()
    {
        Assert.That(Header([.. Impulse, .. Impulse], 2, 0), Is.EqualTo("220D0400"));
        Assert.That(Header([.. Fork, .. Fork], 2, 2), Is.EqualTo("200504"));
        Assert.That(Header(Fork, 1, 1), Is.Empty, "a single RPC goes as it is");
        Assert.That(Header(Impulse, 1, 0), Is.Empty);
    }

    [Test]
    public void A_malformed_batch_is_refused()
    {
        (string What, byte[] Message)[] malformed =
        [
            ("no count", Records.Message(MessageType.RpcBatch)),
            ("negative count", Records.Message(MessageType.RpcBatch, Records.Number(-1))),
            ("count too high", Records.Message(MessageType.RpcBatch, Records.Number(3), Fork, Fork)),
            ("count too low", Records.Message(MessageType.RpcBatch, Records.Number(1), Fork, Fork)),
            ("huge count", Records.Message(MessageType.RpcBatch, Records.Number(int.MaxValue), Fork)),
            ("trailing byte", Records.Message(MessageType.RpcBatch, Records.Number(1), Fork, [0])),
            ("torn message", Records.Message(MessageType.RpcBatch, Records.Number(2), Fork, Fork[..^1])),
            ("batch in a batch", Records.Batch(Records.Batch(Fork))),
            ("checkpoint in a batch", Records.Batch(Records.Message(MessageType.Checkpoint, [0]))),
            ("empty message in a batch", Records.Batch([0])),
            ("negative size in a batch", Records.Batch([1])),
            ("Impulse in an uncounted batch", Records.Batch(Fork, Impulse)),
            ("no replayable count", Records.Message(MessageType.CountReplayableRpcBatch, Records.Number(0))),
            ("replayable count too high", Records.CountedBatch(2, Fork, Impulse)),
            ("replayable count too low", Records.CountedBatch(0, Fork, Impulse)),
            ("replayable count above count", Records.CountedBatch(3, Fork, Impulse)),
            ("negative replayable count", Records.CountedBatch(-1, Impulse)),
            ("empty RPC", Records.Message(MessageType.Rpc)),
            ("not of a data stream", Records.Message(MessageType.Commit, [2, 2])),
            ("unknown type", Records.Message((MessageType)99, [2, 2])),
        ];

        Assert.Multiple(() =>
        {
            foreach (var (what, message) in malformed)
                Assert.Throws<ProtocolException>(() => Count(message), what);
        });
    }

    private static (int, int) Count(byte[] message)
    {
        var n = VarInt.TryRead(message, out int _);
        return Messages.Count(new Frame((MessageType)message[n], message, message.AsSpan(n + 1)));
    }

    private static string Header(byte[] run, int count, int replayable)
    {
        var head = new byte[Messages.MaxBatchHeader];
        return Convert.ToHexString(head, 0, Messages.WriteBatchHeader(head, run.Length, count, replayable));
    }
}
