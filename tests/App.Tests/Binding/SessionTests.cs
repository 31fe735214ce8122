using Ambrosia.Hosting;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.Binding;

/// <summary>The binding over real sockets.</summary>
public class SessionTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);
    private static readonly byte[] Echo = Record(0, Message(MessageType.InitialMessage, "hi"u8.ToArray()));

    [Test]
    public async Task A_first_start_over_sockets_gives_the_seen_bytes()
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal { OnStart = self => self.To("ncb").Fork(1, "f1"u8) });
        await coordinator.AcceptAsync();

        await coordinator.SendAsync(Convert.FromHexString("cc3179281a000000c7f179c2cb842ddaffffffffffffffff020b"));
        var opening = await coordinator.ReadMessagesAsync(2);
        await coordinator.SendAsync(Convert.FromHexString("cc3179281c000000928b3a1a92d960c9000000000000000006096869"));

        Assert.That(opening.Select(message => message.Type), Is.EqualTo(new[] { MessageType.InitialMessage, MessageType.Checkpoint }));
        Assert.That(Convert.ToHexStringLower(await coordinator.ReadAsync(16)), Is.EqualTo("08016e6362" + "1400066e63620002016631"));
    }

    [Test]
    public async Task The_wait_for_a_coordinator_can_be_cancelled()
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal());

        coordinator.CancelApp();

        Assert.That(await coordinator.App, Is.Not.EqualTo(ExitCode.Success));
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public async Task The_end_of_either_connection_ends_an_idle_app(bool sendingSide, bool receivingSide)
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal());
        await coordinator.AcceptAsync();
        await coordinator.SendAsync(FirstStart, Echo);
        await coordinator.ReadMessagesAsync(2);

        coordinator.HangUp(sendingSide, receivingSide);

        if (sendingSide) Assert.That(await coordinator.App, Is.EqualTo(ExitCode.CoordinatorGone));
        else Assert.That(await coordinator.Exit, Is.EqualTo(ExitCode.CoordinatorGone));
        Assert.That(coordinator.Errors, Does.Contain("[nca] ERROR: ").And.Contain("coordinator"));
        Assert.That(coordinator.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [TestCase(true, true)]
    [TestCase(true, false)]
    [TestCase(false, true)]
    public async Task The_end_of_either_connection_ends_an_app_whose_handler_is_busy(bool sendingSide, bool receivingSide)
    {
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal
        {
            OnTwo = (_, _) =>
            {
                entered.Set();
                release.Wait(TimeSpan.FromSeconds(30));
            },
        });
        await coordinator.AcceptAsync();
        await coordinator.SendAsync(FirstStart, Echo, Record(1, Fork(2)), Record(2, Fork(1, new byte[100])));
        Assert.That(await Task.Run(() => entered.Wait(TimeSpan.FromSeconds(20))), Is.True);

        try
        {
            coordinator.HangUp(sendingSide, receivingSide);

            Assert.That(await coordinator.Exit, Is.EqualTo(ExitCode.CoordinatorGone));
        }
        finally
        {
            release.Set();
        }
    }

    [Test]
    public async Task Random_bytes_end_the_app_with_one_line_and_its_own_code()
    {
        var bytes = new byte[1000];
        new Random(1).NextBytes(bytes);
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal());
        await coordinator.AcceptAsync();

        await coordinator.SendAsync(bytes);

        Assert.That(await coordinator.App, Is.EqualTo(ExitCode.Protocol));
        Assert.That(coordinator.Errors.Trim().Split('\n'), Has.Length.EqualTo(1).And.One.Contains("does not speak the AMBROSIA protocol"));
    }

    public static IEnumerable<TestCaseData> FailingMessages()
    {
        yield return new TestCaseData(Fork(ProbeImmortal.Throw), "the handler of method 4 failed: System.InvalidOperationException: no such luck").SetArgDisplayNames("a method");
        yield return new TestCaseData(Fork(ProbeImmortal.ReadNumber, 4, 1, 2), "the handler of method 6 failed: Ambrosia.Wire.ProtocolException: an argument has 2 bytes instead of 8").SetArgDisplayNames("bad arguments");
        yield return new TestCaseData(Reply(ReturnKind.Exception, "ncb", 1, "why"u8.ToArray()), "the handler of replies 2 failed: Ambrosia.Binding.RemoteException: why").SetArgDisplayNames("a reply");
    }

    [TestCaseSource(nameof(FailingMessages))]
    public async Task A_failing_handler_ends_the_app_and_is_named(byte[] message, string what)
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal { OnStart = self => self.To("ncb").Call(7, [], ProbeImmortal.ThrowReply) });
        await coordinator.AcceptAsync();

        await coordinator.SendAsync(FirstStart, Echo, Record(1, message));

        Assert.That(await coordinator.App, Is.EqualTo(ExitCode.Software));
        Assert.That(coordinator.Errors, Does.StartWith($"[nca] ERROR: {what}"));
    }

    [Test]
    public async Task A_checkpoint_of_another_app_is_no_fault_of_the_protocol()
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal());
        await coordinator.AcceptAsync();

        await coordinator.SendAsync(Restore([.. Number(99), 0]));

        Assert.That(await coordinator.App, Is.EqualTo(ExitCode.Software));
        Assert.That(coordinator.Errors, Does.StartWith("[nca] ERROR: the checkpoint cannot be restored: the checkpoint has format 99"));
    }

    [Test]
    public async Task A_failing_start_ends_the_app_and_is_named()
    {
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(new ProbeImmortal { OnStart = _ => throw new ProtocolException("not what I read") });
        await coordinator.AcceptAsync();

        await coordinator.SendAsync(FirstStart, Echo);

        Assert.That(await coordinator.App, Is.EqualTo(ExitCode.Software));
        Assert.That(coordinator.Errors, Does.StartWith("[nca] ERROR: OnFirstStart failed: Ambrosia.Wire.ProtocolException: not what I read"));
    }

    [Test]
    public async Task Impulses_from_many_threads_enter_whole_beside_batches_and_checkpoints()
    {
        const int Threads = 4;
        const int PerThread = 500;
        var posting = new TaskCompletionSource();
        var probe = new ProbeImmortal
        {
            OnPrimary = _ => posting.TrySetResult(),
            OnTwo = (self, _) =>
            {
                for (var i = 0; i < 200; i++) self.ToSelf.Fork(1, new byte[1000]);
            },
        };
        await using var coordinator = new ScriptedCoordinator();
        coordinator.StartApp(probe);
        await coordinator.AcceptAsync();
        await coordinator.SendAsync(FirstStart, Echo);
        await posting.Task.WaitAsync(TimeSpan.FromSeconds(20));
        var posts = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < PerThread; i++) probe.PostImpulse(10 + thread, BitConverter.GetBytes(i));
        })).ToArray();

        for (var i = 1; i <= 20; i++) await coordinator.SendAsync(Record(i, Fork(2)), Control(MessageType.TakeCheckpoint));
        var messages = await coordinator.ReadMessagesAsync(2 + 20 * 201 + Threads * PerThread);
        await Task.WhenAll(posts);

        var impulses = messages.Where(message => message.Type == MessageType.Rpc && message.Body[2] == (byte)RpcType.Impulse).ToList();
        for (var thread = 0; thread < Threads; thread++)
        {
            var method = (byte)((10 + thread) * 2);
            var numbers = impulses.Where(impulse => impulse.Body[1] == method).Select(impulse => BitConverter.ToInt32(impulse.Body, 3));
            Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, PerThread)));
        }

        Assert.That(messages.Count(message => message.Type == MessageType.Checkpoint), Is.EqualTo(21));
    }
}
