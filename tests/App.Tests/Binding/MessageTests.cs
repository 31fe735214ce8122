using System.Text;
using Ambrosia.Binding;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

public class MessageTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);
    private static readonly byte[] Echo = Record(0, Message(MessageType.InitialMessage, "hi"u8.ToArray()));

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(25)]
    [TestCase(int.MaxValue)]
    public void Messages_arrive_in_order_however_the_bytes_are_cut(int pieceSize)
    {
        var probe = new ProbeImmortal();
        var big = new string('b', 3 * InputBuffer.InitialSize);

        ScriptedChannel.Run(
            probe,
            pieceSize,
            FirstStart,
            Echo,
            Record(1, Note("a"), Batch(Note("b"), Note("c")), Note("d"), CountedBatch(1, Note("e"), Rpc(0, 2, (byte)RpcType.Impulse, (byte)'f'))),
            Record(2, Note(big)),
            Record(3, Batch(Note("g"), Note(big), Note("h"))));

        Assert.That(probe.Notes, Is.EqualTo(new[] { "a", "b", "c", "d", "e", "f", big, "g", big, "h" }));
    }

    [Test]
    public void Sends_made_while_more_is_readable_leave_as_one_batch()
    {
        var probe = new ProbeImmortal { OnTwo = (self, _) => self.ToSelf.Fork(1, "x"u8) };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2)), Record(2, Fork(2), Fork(2)));

        var batch = Message(MessageType.RpcBatch, Number(3), SentNote("x"), SentNote("x"), SentNote("x"));
        Assert.That(channel.Sent.AsSpan().EndsWith(batch), Is.True);
    }

    [Test]
    public void A_lone_send_leaves_without_a_batch()
    {
        var probe = new ProbeImmortal { OnTwo = (self, _) => self.ToSelf.Fork(1, "x"u8) };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2)));

        var checkpoint = channel.Messages[1];
        Assert.That(channel.Sent[(4 + 1 + 1 + checkpoint.Data.Length + checkpoint.Blob.Length)..], Is.EqualTo(SentNote("x")));
    }

    [Test]
    public void Much_output_is_cut_into_batches_and_keeps_its_order()
    {
        const int Count = 100_000;
        var big = new byte[5 * OutputBuffer.FlushSize];
        var probe = new ProbeImmortal
        {
            OnTwo = (self, _) =>
            {
                for (var i = 0; i < Count; i++) self.To("ncb").Fork(1, BitConverter.GetBytes(i));
                self.To("ncb").Fork(1, big);
                self.To("ncb").Fork(1, "end"u8);
            },
        };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2)));

        var sent = channel.Messages.Where(message => message.Type == MessageType.Rpc).Select(message => message.Body[3..]).ToList();
        Assert.That(sent.Take(Count).Select(body => BitConverter.ToInt32(body)), Is.EqualTo(Enumerable.Range(0, Count)));
        Assert.That(sent[Count], Has.Length.EqualTo(big.Length));
        Assert.That(sent[Count + 1], Is.EqualTo("end"u8.ToArray()));
    }

    [Test]
    public void Attaching_happens_once_per_destination_and_never_to_self_and_is_remembered()
    {
        static void Send(ProbeImmortal self, byte[] arguments)
        {
            self.To("ncb").Fork(1, arguments);
            self.ToSelf.Fork(1, arguments);
            self.To("nca").Fork(1, arguments);
        }

        var channel = ScriptedChannel.Run(new ProbeImmortal { OnTwo = Send }, FirstStart, Echo, Record(1, Fork(2), Fork(2)), Control(MessageType.TakeCheckpoint));
        var later = ScriptedChannel.Run(new ProbeImmortal { OnTwo = Send }, Restore(channel.Messages[^1].Blob), Record(2, Fork(2)));

        var attached = channel.Messages.Where(message => message.Type == MessageType.AttachTo).Select(message => Encoding.UTF8.GetString(message.Data));
        Assert.That(attached, Is.EqualTo(new[] { "ncb" }));
        Assert.That(channel.Messages.Where(message => message.Type == MessageType.Rpc).Select(message => message.Destination), Is.EqualTo(new[] { "ncb", "", "", "ncb", "", "" }));
        Assert.That(later.Messages.Select(message => message.Type), Has.None.EqualTo(MessageType.AttachTo));
    }

    [Test]
    public void A_call_carries_the_callers_name_and_its_number()
    {
        var probe = new ProbeImmortal { OnTwo = (self, _) => self.To("ncb").Call(7, "args"u8, 1) };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2), Fork(2)));

        byte[] Expected(long callId) => [0, .. Number(7), 0, .. Text("nca"), .. Number(callId), .. "args"u8];
        Assert.That(channel.Messages[^2].Body, Is.EqualTo(Expected(1)));
        Assert.That(channel.Messages[^1].Body, Is.EqualTo(Expected(2)));
    }

    [Test]
    public void Every_kind_of_reply_continues_its_own_call_even_in_a_later_life()
    {
        static void Ask(ProbeImmortal self, byte[] context) => self.To("ncb").Call(7, [], 1, context);
        var blob = ScriptedChannel.Run(
            new ProbeImmortal { OnTwo = Ask }, FirstStart, Echo, Record(1, Fork(2, 65), Fork(2, 66), Fork(2, 67)), Control(MessageType.TakeCheckpoint)).Messages[^1].Blob;
        var probe = new ProbeImmortal { OnTwo = Ask };

        var channel = ScriptedChannel.Run(
            probe,
            Restore(blob),
            Record(2, Reply(ReturnKind.Exception, "ncb", 3, "why"u8.ToArray()), Reply(ReturnKind.Void, "ncb", 1), Reply(ReturnKind.Value, "ncb", 2, "v"u8.ToArray()), Fork(2, 68)));

        Assert.That(probe.Notes, Is.EqualTo(new[] { "Exception 3 'why' for 'C'", "Void 1 '' for 'A'", "Value 2 'v' for 'B'" }));
        Assert.That(channel.Messages[^1].Body, Does.Contain(Number(4)[0]), "the next call's number");
    }

    [Test]
    public void A_call_is_answered_with_a_value_or_with_the_exception_that_its_handler_threw()
    {
        var channel = ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, Record(1, Call(3, "ncb", 5), Call(4, "ncb", 6), Call(99, "nca", 7)));

        var replies = channel.Messages.Where(message => message.Type == MessageType.Rpc).ToList();
        Assert.That(replies.Select(reply => reply.Destination), Is.EqualTo(new[] { "ncb", "ncb", "" }));
        Assert.That(replies[0].Body, Is.EqualTo((byte[])[1, .. Text("nca"), .. Number(5), .. Text("0")]));
        Assert.That(replies[1].Body, Is.EqualTo((byte[])[3, .. Text("nca"), .. Number(6), .. Text("no such luck")]));
        Assert.That(replies[2].Body, Is.EqualTo((byte[])[3, .. Text("nca"), .. Number(7), .. Text("nca has no method 99")]));
    }

    [Test]
    public void An_impulse_is_refused_during_a_replay_and_allowed_after_it()
    {
        var blob = ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, Control(MessageType.TakeCheckpoint)).Messages[^1].Blob;
        var refused = new List<string>();
        var probe = new ProbeImmortal
        {
            OnTwo = (self, _) =>
            {
                foreach (var send in (Action[])[() => self.ToSelf.Impulse(9, []), () => self.PostImpulse(9, [])])
                {
                    try
                    {
                        send();
                    }
                    catch (InvalidOperationException exception)
                    {
                        refused.Add(exception.Message);
                    }
                }
            },
        };

        var channel = ScriptedChannel.Run(probe, Restore(blob), Record(1, Fork(2)), FirstStart, Record(2, Fork(2)));

        Assert.That(refused, Has.Count.EqualTo(2).And.All.Contains("primary"));
        Assert.That(channel.Messages.Skip(1).Select(message => Convert.ToHexStringLower(message.Body)), Is.EqualTo(new[] { "001202", "001202" }));
    }

    [Test]
    public void Becoming_primary_is_early_enough_to_post_an_impulse()
    {
        var channel = ScriptedChannel.Run(new ProbeImmortal { OnPrimary = self => self.PostImpulse(9, []) }, FirstStart);

        Assert.That(Convert.ToHexStringLower(channel.Sent), Does.EndWith("0a0000001202"));
    }

    [Test]
    public void Sending_outside_a_handler_is_refused()
    {
        Exception? thrown = null;
        var probe = new ProbeImmortal
        {
            OnTwo = (self, _) => thrown = Task.Run(() => Assert.Throws<InvalidOperationException>(() => self.ToSelf.Fork(1, []))).GetAwaiter().GetResult(),
        };

        ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2)));

        Assert.That(thrown?.Message, Does.Contain("PostImpulse"));
        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal { OnPrimary = self => self.ToSelf.Fork(1, []) }, FirstStart), Throws.InvalidOperationException);
    }

    [Test]
    public void A_fork_without_a_handler_ends_the_app_instead_of_being_lost()
    {
        Assert.That(() => ScriptedChannel.Run(new ProbeImmortal(), FirstStart, Echo, Record(1, Fork(99))), Throws.TypeOf<UnknownMethodException>().With.Message.Contains("99"));
    }

    private static byte[] Note(string text) => Fork(1, Encoding.UTF8.GetBytes(text));

    private static byte[] SentNote(string text) => Message(MessageType.Rpc, [0, 0, 2, 1, .. Encoding.UTF8.GetBytes(text)]);
}
