using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>The bytes between two coordinators, against those of a running AMBROSIA.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class PeerProtocolTests : IAsyncDisposable
{
    private const string Data = "066e63611e416d62726f73696164617461" + "6f7574066e63621c416d62726f736961646174" + "61696e";
    private const string Control = "066e636124416d62726f736961636f6e74726f6c" + "6f7574066e636222416d62726f736961636f6e74726f6c" + "696e";

    private readonly TemporaryDirectory _directory = new();
    private readonly List<Socket> _sockets = [];
    private readonly Node _ncb;

    public PeerProtocolTests() => _ncb = new Node("ncb", _directory);

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        await _ncb.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task A_fresh_sender_is_asked_for_its_first_message_and_told_what_is_durable()
    {
        await _ncb.StartReadyAsync();
        var data = await ConnectAsync();
        Send(data, "04" + Data + "00");
        Assert.That(Receive(data, 5), Is.EqualTo("00" + "06040202"), "success, and at once ReplayFrom (1, 1)");
        var control = await ConnectAsync();
        Send(control, "08" + Flip(Control) + "00");
        Assert.That(Receive(control, 1), Is.EqualTo("00"));
        Send(control, "040e01");
        Assert.That(Receive(control, 4), Is.EqualTo("06030000"), "nothing is durable yet");

        // A Fork, a batch of two Impulses, and two Forks: five messages, three of them replayable.
        Send(data, "0a00000601" + "31" + "22" + "0d0400" + "0c000006027830" + "0c000006027830" + "0a0000060132" + "0a0000060133");
        var commit = "";
        while (commit != "06030a06")
        {
            commit = Receive(control, 4);
            Assert.That(commit, Does.StartWith("0603"), "a Commit and nothing else");
        }
    }

    [Test]
    public async Task A_receiver_asks_for_what_comes_behind_its_log_in_both_countings()
    {
        var life = await _ncb.StartReadyAsync();
        var data = await ConnectAsync();
        Send(data, "04" + Data + "00");
        Receive(data, 5);
        Send(data, "22" + "0d0400" + "0c000006027830" + "0c000006027830" + "0a0000060132");
        await Eventually.That(() => life.Ledger.Events == 3, () => life.Output);
        await life.KillAsync();
        await _ncb.StartReadyAsync();

        var again = await ConnectAsync();
        Send(again, "04" + Data + "00");
        Assert.That(Receive(again, 5), Is.EqualTo("00" + "06040804"), "ReplayFrom (4, 2): three messages, one of them replayable");
    }

    [Test]
    public async Task A_stream_that_is_there_already_is_refused_with_6_or_replaced_when_asked()
    {
        await _ncb.StartReadyAsync();
        var first = await ConnectAsync();
        Send(first, "04" + Data + "00");
        Receive(first, 5);
        var second = await ConnectAsync();
        Send(second, "04" + Data + "00");
        Assert.That(Receive(second, 1), Is.EqualTo("0c"));
        Send(second, "04" + Data + "02");

        Assert.That(Receive(second, 5), Is.EqualTo("00" + "06040202"));
        Assert.That(Receive(first, 1), Is.Empty, "the old one is closed");
    }

    [Test]
    public async Task A_ping_is_answered_and_an_unknown_instance_is_not_found()
    {
        await _ncb.StartReadyAsync();
        var socket = await ConnectAsync();
        Send(socket, "0a");
        Assert.That(Receive(socket, 1), Is.EqualTo("00"));
        Send(socket, "04" + Data.Replace("6e6362", "6e6363", StringComparison.Ordinal) + "00");
        Assert.That(Receive(socket, 1), Is.EqualTo("02"));
        Send(socket, "04" + Data.Replace("696e", "696f", StringComparison.Ordinal) + "00");
        Assert.That(Receive(socket, 1), Is.EqualTo("10"), "no such endpoint");
    }

    [Test]
    public async Task A_sender_opens_its_streams_and_sends_from_where_the_receiver_asks()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(8);
        await using var nca = new Node("nca", _directory);
        nca.WithPeer("ncb", ((IPEndPoint)listener.LocalEndPoint!).Port).Start();
        using var app = await RawApp.ConnectAsync(nca);
        app.Record();
        app.Send("06 09 6869");
        app.Send("04 08 02 77");
        app.Record();
        app.Send("08 01 6e6362" + "14 00 06 6e6362 00 02 01 6631");

        var opened = new Dictionary<string, Socket>();
        while (opened.Count < 2)
        {
            var socket = await listener.AcceptAsync().WaitAsync(Eventually.Deadline);
            _sockets.Add(socket);
            socket.ReceiveTimeout = 20_000;
            var type = Receive(socket, 1);
            opened[type] = socket;
            var rest = type == "04" ? Data + "00" : Flip(Control) + "00";
            Assert.That(Receive(socket, rest.Length / 2), Is.EqualTo(rest));
            Send(socket, "00");
        }

        Assert.That(Receive(opened["08"], 3), Is.EqualTo("040e01"), "TrimTo: nothing trimmed");
        Send(opened["04"], "06040202");
        Assert.That(Receive(opened["04"], 7), Is.EqualTo("0c000002016631"), "the Fork with its destination cut");
        Send(opened["08"], "06030202");
        app.Send("46 05 06" + "1400066e636200020161" + "31" + "1400066e636200020161" + "32" + "1400066e636200020161" + "33");
        Assert.That(Receive(opened["04"], 24), Is.EqualTo("2e0506" + "0c000002016131" + "0c000002016132" + "0c000002016133"));
    }

    /// <summary>The control stream towards nca: ncb is the FROM side.</summary>
    private static string Flip(string control) =>
        control.Replace("6e6361", "......", StringComparison.Ordinal).Replace("6e6362", "6e6361", StringComparison.Ordinal).Replace("......", "6e6362", StringComparison.Ordinal);

    private static void Send(Socket socket, string hex) => socket.Send(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    /// <summary>So many bytes in hex; fewer when the other side ends.</summary>
    private static string Receive(Socket socket, int count)
    {
        var bytes = new byte[count];
        var at = 0;
        while (at < count && socket.Receive(bytes.AsSpan(at)) is > 0 and var n)
            at += n;
        return Convert.ToHexStringLower(bytes, 0, at);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = await RawApp.ConnectAsync(_ncb.ListenPort);
        _sockets.Add(socket);
        return socket;
    }
}
