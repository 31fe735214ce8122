using Ambrosia.Binding;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

/// <summary>Every call gets one reply, and a reply too many does no lasting harm.</summary>
public class ReplyTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);
    private static readonly byte[] Echo = Record(0, Message(MessageType.InitialMessage));

    [Test]
    public void A_handler_that_throws_after_its_reply_fails_instead_of_replying_twice()
    {
        var probe = new ProbeImmortal
        {
            OnCall = (self, to) =>
            {
                self.Answer(to, "v"u8);
                throw new TimeoutException("too late");
            },
        };
        var channel = new ScriptedChannel([.. FirstStart, .. Echo, .. Record(1, Call(ProbeImmortal.Five, "ncb", 7))]);

        Assert.That(() => channel.RunLife("nca", probe), Throws.TypeOf<HandlerException>().With.Message.Contains("method 5").And.InnerException.Message.EqualTo("too late"));
        Assert.That(Rpcs(channel), Is.Empty, "what was gathered is not sent");
    }

    [Test]
    public void A_second_reply_to_one_call_is_refused_and_the_first_one_stands()
    {
        Exception? refusal = null;
        var probe = new ProbeImmortal
        {
            OnCall = (self, to) =>
            {
                self.Answer(to, "v"u8);
                refusal = Assert.Throws<InvalidOperationException>(() => self.Answer(to, "w"u8));
            },
        };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Call(ProbeImmortal.Five, "ncb", 7)));

        Assert.That(refusal!.Message, Does.Contain("Call 7 of ncb"));
        Assert.That(Rpcs(channel), Is.EqualTo(new[] { Value(7, "v"u8) }));
    }

    [Test]
    public void A_reply_may_come_in_a_later_life_but_once()
    {
        var blob = ScriptedChannel.Run(
            new ProbeImmortal(), FirstStart, Echo, Record(1, Call(ProbeImmortal.Five, "ncb", 7), Call(ProbeImmortal.Five, "ncb", 8)), Control(MessageType.TakeCheckpoint)).Messages[^1].Blob;
        var refusals = new List<Exception?>();
        var probe = new ProbeImmortal
        {
            OnTwo = (self, _) =>
            {
                self.Answer(new ReplyTo("ncb", 7), "v"u8);
                refusals.Add(Assert.Throws<InvalidOperationException>(() => self.Answer(new ReplyTo("ncb", 7), "w"u8)));
                refusals.Add(Assert.Throws<InvalidOperationException>(() => self.Answer(new ReplyTo("ncc", 7), "w"u8)));
                self.Answer(new ReplyTo("ncb", 8), "x"u8);
            },
        };

        var channel = ScriptedChannel.Run(probe, Restore(blob), Record(2, Fork(ProbeImmortal.Two)));

        Assert.That(Rpcs(channel), Is.EqualTo(new[] { Value(7, "v"u8), Value(8, "x"u8) }));
        Assert.That(refusals, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_fork_cannot_be_replied_to()
    {
        var probe = new ProbeImmortal { OnCall = (self, to) => self.Answer(to, "v"u8) };

        Assert.That(
            () => ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(ProbeImmortal.Five))),
            Throws.TypeOf<HandlerException>().With.InnerException.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public void A_reply_to_an_unknown_call_is_ignored_with_one_line()
    {
        var probe = new ProbeImmortal();

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Reply(ReturnKind.Void, "ncb", 9), Fork(ProbeImmortal.Note, (byte)'a')));

        Assert.That(channel.Warnings, Is.EqualTo(new[] { "ignored a reply of ncb to call 9, which awaits none" }));
        Assert.That(probe.Notes, Is.EqualTo(new[] { "a" }));
    }

    private static List<byte[]> Rpcs(ScriptedChannel channel) => [.. channel.Messages.Where(message => message.Type == MessageType.Rpc).Select(message => message.Body)];

    private static byte[] Value(long callId, ReadOnlySpan<byte> value) => [(byte)ReturnKind.Value, .. Text("nca"), .. Number(callId), .. Number(value.Length), .. value];
}
