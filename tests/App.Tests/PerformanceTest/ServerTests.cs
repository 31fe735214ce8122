using Ambrosia.App.Tests.Binding;
using Ambrosia.PerformanceTest;
using Ambrosia.PerformanceTest.Server;
using Ambrosia.Wire;
using NUnit.Framework;
using static Ambrosia.App.Tests.Binding.Records;

namespace Ambrosia.App.Tests.PerformanceTest;

public class ServerTests
{
    private static readonly byte[] FirstStart = Control(MessageType.TakeBecomingPrimaryCheckpoint);

    [TestCase("1 2 3", 0)]
    [TestCase("1 1 2", 1)]
    [TestCase("1 3", 1)]
    [TestCase("2 1", 2)]
    [TestCase("1 2 5 3 4", 2)]
    public void A_message_lost_doubled_or_reordered_counts_as_out_of_order(string numbers, int expected)
    {
        var messages = numbers.Split(' ').Select(number => M(long.Parse(number), 100)).ToArray();

        Assert.That(Run(1, [.. messages, Fork(ServerMethods.PrintBytesReceived)])[1], Is.EqualTo($"Out of order: {expected}"));
    }

    [Test]
    public void The_original_jobs_payload_is_understood_though_it_names_no_source()
    {
        byte[] payload = [2, 0xFF, 0xFF, 0xFF, .. new byte[12]];

        Assert.That(Run(1, Fork(ServerMethods.M, [.. Number(16), .. payload]), Fork(ServerMethods.PrintBytesReceived)), Is.EqualTo(new[] { "Bytes received: 16", "Out of order: 0", "DONE" }));
    }

    [Test]
    public void A_source_beyond_the_number_of_jobs_is_counted_and_not_trusted() =>
        Assert.That(Run(2, M(1, 16, source: 2), Fork(ServerMethods.PrintBytesReceived), Fork(ServerMethods.PrintBytesReceived))[1], Is.EqualTo("Out of order: 1"));

    [TestCase("")]
    [TestCase("ffff")]
    [TestCase("ffffffffffffffffffffff")]
    public void A_payload_without_a_call_number_is_counted_and_fails_nobody(string payload)
    {
        var bytes = Convert.FromHexString(payload);

        Assert.That(
            Run(1, M(1, 16), Fork(ServerMethods.M, [.. Number(bytes.Length), .. bytes]), M(2, 16), Fork(ServerMethods.PrintBytesReceived)),
            Is.EqualTo(new[] { $"Bytes received: {32 + bytes.Length}", "Out of order: 1", "DONE" }));
    }

    [Test]
    public void Progress_is_printed_once_for_every_16_mib()
    {
        var lines = Run(1, [.. Enumerable.Range(1, 33).Select(number => M(number, 1 << 20))]);

        Assert.That(lines, Is.EqualTo(new[] { "Service Received 16 MB so far", "Service Received 32 MB so far" }));
    }

    [TestCase(false, "")]
    [TestCase(true, "Bytes received: 16\nOut of order: 0\nDONE\n")]
    public void A_life_that_begins_with_all_work_done_says_the_totals_again(bool isDone, string expected)
    {
        var state = isDone ? StateAfter(Fork(ServerMethods.PrintBytesReceived)) : StateAfter();
        var output = new StringWriter { NewLine = "\n" };

        ScriptedChannel.Run(new ServerImmortal(1, output), Restore(state), Control(MessageType.BecomingPrimary));

        Assert.That(output.ToString(), Is.EqualTo(expected));
    }

    [Test]
    public void A_round_is_confirmed_with_the_bytes_so_far()
    {
        var channel = ScriptedChannel.Run(new ServerImmortal(1, TextWriter.Null), FirstStart, Record(0, Message(MessageType.InitialMessage)), Record(1, M(1, 100), Call(ServerMethods.RoundProcessed, "job", 7)));

        Assert.That(channel.Messages[^1].Body, Is.EqualTo((byte[])[(byte)ReturnKind.Value, .. Text("nca"), .. Number(7), .. Number(8), .. BitConverter.GetBytes(100L)]));
    }

    [Test]
    public void A_health_impulse_is_kept_in_the_state_and_one_in_another_encoding_is_passed_over(
        [Values("", "00", "04ffff", "7e0102", "ffffffffff01", "20" + "400844617465546d6565e00000000000")] string foreign)
    {
        var ours = Impulse(ServerMethods.AmIHealthy, [.. Number(8), .. BitConverter.GetBytes(638_000_000_000_000_000L)]);

        Assert.That(StateAfter(ours, Impulse(ServerMethods.AmIHealthy, Convert.FromHexString(foreign))), Is.EqualTo(StateAfter(ours)).And.Not.EqualTo(StateAfter()));
    }

    private static byte[] StateAfter(params byte[][] messages) =>
        ScriptedChannel.Run(new ServerImmortal(1, TextWriter.Null), FirstStart, Record(0, Message(MessageType.InitialMessage)), Record(1, [M(1, 16), .. messages]), Control(MessageType.TakeCheckpoint)).Messages[^1].Blob;

    private static byte[] Impulse(int method, byte[] arguments) => Rpc([0, .. Number(method), (byte)RpcType.Impulse, .. arguments]);

    private static byte[] M(long number, int size, int source = 0)
    {
        var payload = new byte[size];
        Payload.Write(payload, Payload.CreatePattern(size), number, source);
        return Fork(ServerMethods.M, [.. Number(size), .. payload]);
    }

    private static string[] Run(int jobs, params byte[][] messages)
    {
        var output = new StringWriter { NewLine = "\n" };
        ScriptedChannel.Run(new ServerImmortal(jobs, output), FirstStart, Record(0, Message(MessageType.InitialMessage)), Record(1, messages));
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
