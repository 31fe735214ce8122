using Ambrosia.Binding;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

public class LifeCycleTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);
    private static readonly byte[] Echo = Record(0, Message(MessageType.InitialMessage, "hi"u8.ToArray()));

    [Test]
    public void First_start_sends_the_initial_message_then_a_checkpoint_and_waits_for_the_echo()
    {
        var probe = new ProbeImmortal { OnStart = self => self.ToSelf.Fork(1, "x"u8) };

        var channel = ScriptedChannel.Run(probe, FirstStart);

        Assert.That(channel.Messages.Select(message => message.Type), Is.EqualTo(new[] { MessageType.InitialMessage, MessageType.Checkpoint }));
        Assert.That(channel.Sent[..4], Is.EqualTo(Convert.FromHexString("06096869")));
        Assert.That(probe.Lifecycle, Is.EqualTo(new[] { "primary" }));
        Assert.That((probe.IsPrimary, probe.IsReplaying), Is.EqualTo((true, false)));
    }

    [Test]
    public void Work_starts_with_the_echoed_initial_message()
    {
        var probe = new ProbeImmortal { OnStart = self => self.ToSelf.Fork(1, "x"u8) };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo);

        Assert.That(probe.Lifecycle, Is.EqualTo(new[] { "primary", "start hi" }));
        Assert.That(channel.Messages[^1].Body, Is.EqualTo(new byte[] { 0, 2, 1, (byte)'x' }));
    }

    [Test]
    public void Restart_restores_replays_and_becomes_primary_without_an_initial_message()
    {
        var blob = CheckpointOf([FirstStart, Echo, Record(1, Fork(1, "a"u8.ToArray()))]);
        var replaying = new List<bool>();
        var probe = new ProbeImmortal { OnTwo = (self, _) => replaying.Add(self.IsReplaying) };

        var channel = ScriptedChannel.Run(probe, Restore(blob), Record(2, Fork(1, "b"u8.ToArray()), Fork(2)), FirstStart, Record(3, Fork(2)));

        Assert.That(probe.Notes, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(replaying, Is.EqualTo(new[] { true, false }));
        Assert.That(probe.Lifecycle, Is.EqualTo(new[] { "primary" }));
        Assert.That(channel.Messages.Select(message => message.Type), Is.EqualTo(new[] { MessageType.Checkpoint }));
    }

    [Test]
    public void A_crash_before_the_echo_was_logged_starts_the_work_after_recovery()
    {
        var blob = ScriptedChannel.Run(new ProbeImmortal(), FirstStart).Messages[^1].Blob;
        var probe = new ProbeImmortal();

        ScriptedChannel.Run(probe, Restore(blob), FirstStart, Echo);

        Assert.That(probe.Lifecycle, Is.EqualTo(new[] { "primary", "start hi" }));
    }

    [Test]
    public void Output_of_a_replay_is_byte_identical()
    {
        static void Send(ProbeImmortal self)
        {
            self.To("ncb").Fork(1, "f1"u8);
            self.To("ncb").Call(2, "f2"u8, 1, "context"u8);
            self.ToSelf.Fork(1, "f3"u8);
        }

        var first = ScriptedChannel.Run(new ProbeImmortal { OnStart = Send }, FirstStart, Echo);
        var blob = first.Messages[1].Blob;
        var second = ScriptedChannel.Run(new ProbeImmortal { OnStart = Send }, Restore(blob), Echo);

        Assert.That(first.Sent.AsSpan().EndsWith(second.Sent), Is.True);
        Assert.That(second.Messages, Has.Count.EqualTo(4));
    }

    [Test]
    public void A_secondary_becomes_primary_without_a_checkpoint()
    {
        var probe = new ProbeImmortal();

        var channel = ScriptedChannel.Run(probe, Restore(CheckpointOf([FirstStart, Echo])), Control(MessageType.BecomingPrimary));

        Assert.That(channel.Sent, Is.Empty);
        Assert.That(probe.IsPrimary, Is.True);
    }

    [Test]
    public void A_checkpoint_is_sent_after_the_output_of_all_earlier_messages()
    {
        var probe = new ProbeImmortal { OnTwo = (self, _) => self.ToSelf.Fork(1, "x"u8) };

        var channel = ScriptedChannel.Run(probe, FirstStart, Echo, Record(1, Fork(2), Fork(2)), Control(MessageType.TakeCheckpoint), Record(2, Fork(2)));

        Assert.That(
            channel.Messages.Skip(2).Select(message => message.Type),
            Is.EqualTo(new[] { MessageType.Rpc, MessageType.Rpc, MessageType.Checkpoint, MessageType.Rpc }));
    }

    [Test]
    public void An_immortal_may_ask_for_a_checkpoint_but_a_replay_does_not_repeat_the_request()
    {
        byte[][] script = [Echo, Record(1, Fork(2))];
        var live = ScriptedChannel.Run(new ProbeImmortal { OnTwo = (self, _) => self.AskForCheckpoint() }, [FirstStart, .. script]);
        var replayed = ScriptedChannel.Run(new ProbeImmortal { OnTwo = (self, _) => self.AskForCheckpoint() }, [Restore(live.Messages[1].Blob), .. script]);

        Assert.That(live.Sent.AsSpan().EndsWith(new byte[] { 2, 2 }), Is.True);
        Assert.That(replayed.Sent, Is.Empty);
    }

    [Test]
    public void An_upgrade_hands_over_to_the_successor_and_sends_its_checkpoint()
    {
        var successor = new ProbeImmortal();
        var probe = new ProbeImmortal
        {
            OnStart = self => self.To("ncb").Call(1, [], 1, "c"u8),
            Upgraded = self =>
            {
                successor.Notes.Add("upgraded");
                return successor;
            },
        };
        var blob = CheckpointOf(probe, [FirstStart, Echo]);
        var old = new ProbeImmortal { Upgraded = probe.Upgraded };

        var channel = ScriptedChannel.Run(old, Restore(blob), Control(MessageType.UpgradeTakeCheckpoint), Record(1, Fork(1, "new"u8.ToArray()), Reply(ReturnKind.Void, "ncb", 1)), Control(MessageType.TakeCheckpoint));

        Assert.That(successor.Notes, Is.EqualTo(new[] { "upgraded", "new", "Void 1 '' for 'c'" }));
        Assert.That((successor.IsPrimary, old.IsPrimary), Is.EqualTo((true, false)));
        Assert.That(channel.Messages.Select(message => message.Type), Is.EqualTo(new[] { MessageType.Checkpoint, MessageType.Checkpoint }));
    }

    [Test]
    public void An_upgrade_test_replays_under_the_new_code_and_sends_no_checkpoint()
    {
        var successor = new ProbeImmortal();
        var old = new ProbeImmortal { Upgraded = _ => successor };

        var channel = ScriptedChannel.Run(old, Restore(CheckpointOf([FirstStart, Echo])), Control(MessageType.UpgradeService), Record(1, Fork(1, "a"u8.ToArray())));

        Assert.That(successor.Notes, Is.EqualTo(new[] { "a" }));
        Assert.That((successor.IsPrimary, successor.IsReplaying), Is.EqualTo((false, true)));
        Assert.That(channel.Sent, Is.Empty);
    }

    [Test]
    public void The_seen_bytes_of_a_first_start_give_the_seen_answer()
    {
        var probe = new ProbeImmortal
        {
            OnStart = self =>
            {
                self.To("ncb").Fork(1, "f1"u8);
                self.ToSelf.Impulse(9, []);
            },
        };

        var channel = ScriptedChannel.Run(
            probe,
            Convert.FromHexString("cc3179281a000000c7f179c2cb842ddaffffffffffffffff020b"),
            Convert.FromHexString("cc3179281c000000928b3a1a92d960c9000000000000000006096869"));

        var checkpoint = channel.Messages[1];
        var afterCheckpoint = channel.Sent[(4 + 1 + 1 + checkpoint.Data.Length + checkpoint.Blob.Length)..];
        Assert.That(Convert.ToHexStringLower(afterCheckpoint), Is.EqualTo("08016e6362" + "260504" + "1400066e63620002016631" + "0a0000001202"));
    }

    private static byte[] CheckpointOf(byte[][] script) => CheckpointOf(new ProbeImmortal(), script);

    private static byte[] CheckpointOf(Immortal immortal, byte[][] script) =>
        ScriptedChannel.Run(immortal, [.. script, Control(MessageType.TakeCheckpoint)]).Messages[^1].Blob;
}
