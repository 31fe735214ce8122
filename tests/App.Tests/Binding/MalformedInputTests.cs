using Ambrosia.Binding;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

public class MalformedInputTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);
    private static readonly byte[] Echo = Record(0, Message(MessageType.InitialMessage));

    public static IEnumerable<TestCaseData> First()
    {
        yield return new TestCaseData(Record(0, Message(MessageType.InitialMessage))).SetArgDisplayNames("a logged record");
        yield return new TestCaseData(Control(MessageType.BecomingPrimary)).SetArgDisplayNames("becoming primary");
        yield return new TestCaseData(Control(MessageType.Ping)).SetArgDisplayNames("a ping");
        yield return new TestCaseData(Record(-3, Fork(1))).SetArgDisplayNames("an unknown sequence ID");
        yield return new TestCaseData(Record(-1)).SetArgDisplayNames("an empty record");
        yield return new TestCaseData(Record(-1, Fork(1))).SetArgDisplayNames("an RPC in a control record");
        yield return new TestCaseData(Record(-2, Fork(1))).SetArgDisplayNames("an RPC as checkpoint");
        yield return new TestCaseData(Record(-2, Message(MessageType.Checkpoint, Number(-1)))).SetArgDisplayNames("a negative checkpoint");
        yield return new TestCaseData(Enumerable.Repeat((byte)0xFF, 64).ToArray()).SetArgDisplayNames("FF");
        yield return new TestCaseData(new byte[64]).SetArgDisplayNames("00");
        yield return new TestCaseData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()).SetArgDisplayNames("HTTP");
    }

    public static IEnumerable<TestCaseData> Later()
    {
        yield return new TestCaseData(Record(2, Fork(1))).SetArgDisplayNames("a gap");
        yield return new TestCaseData(Record(0, Fork(1))).SetArgDisplayNames("a repetition");
        yield return new TestCaseData(Record(1, Message(MessageType.InitialMessage))).SetArgDisplayNames("a second initial message");
        yield return new TestCaseData(Record(1, Message(MessageType.Commit))).SetArgDisplayNames("a commit");
        yield return new TestCaseData(Restore([])).SetArgDisplayNames("a checkpoint to restore");
        yield return new TestCaseData(Record(1, Number(100), [0, 0])).SetArgDisplayNames("a message beyond its record");
        yield return new TestCaseData(Record(1, Number(0), [0, 0])).SetArgDisplayNames("a message without a type");
        yield return new TestCaseData(Record(1, Number(-5), [0, 0])).SetArgDisplayNames("a negative size");
        yield return new TestCaseData(Record(1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])).SetArgDisplayNames("an endless size");
        yield return new TestCaseData(Record(1, [0x80, 0x80])).SetArgDisplayNames("an unfinished size");
        yield return new TestCaseData(Record(1, Rpc())).SetArgDisplayNames("an empty RPC");
        yield return new TestCaseData(Record(1, Rpc(0))).SetArgDisplayNames("an RPC without a method");
        yield return new TestCaseData(Record(1, Rpc(0, 2))).SetArgDisplayNames("an RPC without a kind");
        yield return new TestCaseData(Record(1, Rpc(0, 2, 9))).SetArgDisplayNames("an RPC of unknown kind");
        yield return new TestCaseData(Record(1, Rpc(9, 2, 1))).SetArgDisplayNames("an unknown return form");
        yield return new TestCaseData(Record(1, Rpc(0, 2, 0, 0x7E, 65))).SetArgDisplayNames("a caller beyond its RPC");
        yield return new TestCaseData(Record(1, Rpc(0, 2, 0, 2, 65))).SetArgDisplayNames("a call without a number");
        yield return new TestCaseData(Record(1, Rpc(1, 2, 65, 2, 0x7E))).SetArgDisplayNames("a value beyond its reply");
        yield return new TestCaseData(Record(1, Message(MessageType.RpcBatch, Number(2), Fork(1)))).SetArgDisplayNames("a batch with too few");
        yield return new TestCaseData(Record(1, Message(MessageType.RpcBatch, Number(1), Fork(1), Fork(1)))).SetArgDisplayNames("a batch with too many");
        yield return new TestCaseData(Record(1, Message(MessageType.RpcBatch, Number(-1)))).SetArgDisplayNames("a negative batch");
        yield return new TestCaseData(Record(1, Batch(Batch(Fork(1))))).SetArgDisplayNames("a batch in a batch");
        yield return new TestCaseData(Record(1, CountedBatch(2, Fork(1)))).SetArgDisplayNames("more replayable than there are");
    }

    [TestCaseSource(nameof(First))]
    public void A_stream_that_does_not_begin_as_the_protocol_says_is_refused(byte[] bytes) =>
        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), bytes), Throws.TypeOf<ProtocolException>());

    [TestCaseSource(nameof(Later))]
    public void A_broken_record_is_refused(byte[] bytes) =>
        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, bytes), Throws.TypeOf<ProtocolException>());

    [Test]
    public void Random_bytes_never_do_worse_than_a_protocol_error([Range(0, 900, 100)] int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + 100; seed++)
        {
            var bytes = new byte[4096];
            new Random(seed).NextBytes(bytes);
            var damaged = Record(1, Fork(1, bytes));
            damaged[RecordHeader.Size + seed % 9] ^= (byte)(bytes[0] | 1);

            Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), bytes), Throws.TypeOf<ProtocolException>(), $"seed {seed}");
            Assert.That(EndOf(damaged), Is.Null.Or.TypeOf<ProtocolException>().Or.TypeOf<UnknownMethodException>(), $"seed {seed}");
        }
    }

    private static Exception? EndOf(byte[] record)
    {
        try
        {
            ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, record);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    [Test]
    public void A_forged_length_costs_no_memory()
    {
        var forged = new byte[RecordHeader.Size + 8];
        new RecordHeader(1, int.MaxValue, 0, 1).Write(forged);
        VarInt.Write(forged.AsSpan(RecordHeader.Size), 2_000_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, forged);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(16 * InputBuffer.InitialSize));
    }
}
