using Ambrosia.App.Tests.Binding;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>The bytes between the coordinator and its app, against those of a running AMBROSIA.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class AppProtocolTests
{
    private const string InitialMessage = "06 09 6869";
    private const string State = "000102030405060708090a0b0c0d0e0f101112131415161718191a";

    [Test]
    public async Task A_first_start_and_a_restart_are_the_protocols_byte_for_byte()
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        var life = node.Start();
        int committer;
        (RecordHeader Header, string Payload) first;
        (RecordHeader Header, string Payload) second;
        using (var app = await RawApp.ConnectAsync(node))
        {
            var control = app.Record();
            committer = control.Header.CommitterId;
            Assert.That(control, Is.EqualTo((new RecordHeader(committer, 26, Check("c7f179c2cb842dda"), -1), "020b")), "take a becoming-primary checkpoint");
            app.Send(InitialMessage);
            app.Send("06 08 36" + State);
            first = app.Record();
            Assert.That(first, Is.EqualTo((new RecordHeader(committer, 28, Check("928b3a1a92d960c9"), 0), "06096869")), "the InitialMessage echoed as record 0");

            // An Impulse and two Forks to self come back as the messages they are.
            app.Send("0a 00 00 00 12 02");
            second = app.Record();
            Assert.That(second.Payload, Is.EqualTo("0800001202"), "the Impulse without its destination");
            Assert.That(second.Header.SequenceId, Is.EqualTo(1));
            app.Send("20 05 04 0c 00 00 00 02 01 31 0c 00 00 00 02 01 32");
            Assert.That(app.Record().Payload, Is.EqualTo("1c0504" + "0a0000020131" + "0a0000020132"), "a batch of two");
            await life.KillAsync();
        }

        node.Start();
        using (var app = await RawApp.ConnectAsync(node))
        {
            Assert.That(app.Record(), Is.EqualTo((new RecordHeader(committer, 27, 0, -2), "060836")), "the checkpoint to restore");
            Assert.That(Convert.ToHexStringLower(app.Bytes(27)), Is.EqualTo(State));
            Assert.That(app.Record(), Is.EqualTo(first), "the same record, committer and check");
            Assert.That(app.Record(), Is.EqualTo(second));
            Assert.That(app.Record().Header.SequenceId, Is.EqualTo(2));
            Assert.That(app.Record(), Is.EqualTo((new RecordHeader(committer, 26, Check("c7f179c2cb842dda"), -1), "020b")));

            // The app does as it did: the two Forks again, no Impulse.
            app.Send("20 05 04 0c 00 00 00 02 01 31 0c 00 00 00 02 01 32");
            app.Send("06 08 36" + State);
            app.Send("0a 00 00 00 12 02");
            var next = app.Record();
            Assert.That((next.Header.SequenceId, next.Payload), Is.EqualTo((3L, "0800001202")), "IDs go on, and the Forks are not doubled");
        }
    }

    [Test]
    public async Task A_death_before_record_0_brings_the_initial_message_after_recovery()
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        var life = node.Start("CheckpointPublished:1");
        using (var app = await RawApp.ConnectAsync(node))
        {
            app.Record();
            app.Send(InitialMessage);
            app.Send("06 08 36" + State);
            await life.ExitAsync();
        }

        node.Start();
        using (var app = await RawApp.ConnectAsync(node))
        {
            Assert.That(app.Record().Header.SequenceId, Is.EqualTo(-2));
            app.Bytes(27);
            Assert.That(app.Record().Payload, Is.EqualTo("020b"));
            app.Send("06 08 36" + State);
            var record = app.Record();
            Assert.That((record.Header.SequenceId, record.Payload), Is.EqualTo((0L, "06096869")));
        }
    }

    [Test]
    public async Task A_checkpoint_with_an_exact_size_and_one_that_the_app_asks_for_are_taken()
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        node.Start();
        using var app = await RawApp.ConnectAsync(node);
        app.Record();
        app.Send(InitialMessage);
        app.Send("04 08 36" + State);
        app.Record();
        app.Send("02 02");
        Assert.That(app.Record().Payload, Is.EqualTo("0202"), "take a checkpoint");
        app.Send("04 08 02 77");
        await Eventually.That(() => File.Exists(Path.Combine(node.Log, "00000000000000000001.checkpoint")), () => "no checkpoint");
    }

    [Test]
    public async Task A_message_over_eight_mebibytes_is_one_record_and_replays()
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        var life = node.Start();
        var big = Ledger.Ballast(9 << 20);
        byte[] body = [0, 2, 1, .. big];
        (RecordHeader Header, string Payload) record;
        using (var app = await RawApp.ConnectAsync(node))
        {
            app.Record();
            app.Send(InitialMessage);
            app.Send("04 08 02 77");
            app.Record();
            app.Send(Records.Rpc([0, .. body]));
            record = app.Record();
            Assert.That(record.Payload == Convert.ToHexStringLower(Records.Rpc(body)), Is.True);
            await life.KillAsync();
        }

        node.Start();
        using (var app = await RawApp.ConnectAsync(node))
        {
            app.Record();
            app.Bytes(1);
            Assert.That(app.Record().Header.SequenceId, Is.Zero);
            Assert.That(app.Record() == record, Is.True);
        }
    }

    [TestCase("06 09 6869", "an InitialMessage out of turn", TestName = "An_initial_message_twice")]
    [TestCase("04 08 36", "a Checkpoint that nobody asked for", TestName = "A_checkpoint_unasked")]
    [TestCase("06 0d 00 00", "message type 13 does not come from an app", TestName = "A_type_that_is_not_an_apps")]
    [TestCase("00", "illegal message size 0", TestName = "A_message_of_nothing")]
    [TestCase("06 05 02 00", "a batch holds something else than whole RPCs", TestName = "A_batch_of_no_rpcs")]
    [TestCase("04 01 2f", "\"/\" is no instance name", TestName = "A_destination_that_is_no_name")]
    public async Task An_app_that_breaks_the_protocol_ends_both_with_a_reason_and_nothing_is_lost(string bytes, string reason)
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        var life = node.Start();
        using (var app = await RawApp.ConnectAsync(node))
        {
            app.Record();
            app.Send(InitialMessage);
            app.Send("04 08 02 77");
            app.Record();
            app.Send(bytes);
            Assert.That(await life.ExitAsync(), Is.EqualTo(75));
            Assert.That(life.Output, Does.Contain("ERROR AMB5113: " + reason));
        }

        node.Start();
        using (var app = await RawApp.ConnectAsync(node))
        {
            app.Record();
            app.Bytes(1);
            Assert.That(app.Record().Payload, Is.EqualTo("06096869"));
        }
    }

    [Test]
    public async Task An_impulse_before_becoming_primary_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("nca", directory);
        var life = node.Start();
        using var app = await RawApp.ConnectAsync(node);
        app.Record();
        app.Send("0a 00 00 00 12 02");

        Assert.That(await life.ExitAsync(), Is.EqualTo(75));
        Assert.That(life.Output, Does.Contain("ERROR AMB5113: an Impulse before becoming primary"));
    }

    private static long Check(string hex) => BitConverter.ToInt64(Convert.FromHexString(hex));
}
