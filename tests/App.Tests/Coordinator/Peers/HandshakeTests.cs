using System.Net.Sockets;
using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Peers;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Peers;

/// <summary>The bytes are those of a running AMBROSIA.</summary>
[Parallelizable]
public class HandshakeTests
{
    private static readonly string DataStrings = Hex(Records.Text("nca"), Records.Text("Ambrosiadataout"), Records.Text("ncb"), Records.Text("Ambrosiadatain"));
    private static readonly string ControlStrings = Hex(Records.Text("nca"), Records.Text("Ambrosiacontrolout"), Records.Text("ncb"), Records.Text("Ambrosiacontrolin"));

    private SocketPair _sockets = null!;

    [SetUp]
    public void Connect() => _sockets = new SocketPair();

    [TearDown]
    public void Disconnect() => _sockets.Dispose();

    [Test]
    public void The_four_names_begin_as_they_were_captured() =>
        Assert.That(DataStrings, Is.EqualTo("066E63611E" + Hex("Ambrosiadataout"u8.ToArray()) + "066E63621C" + Hex("Ambrosiadatain"u8.ToArray())));

    [Test]
    public void The_from_side_opens()
    {
        Assert.That(Written(Handshake.RequestFor(StreamRole.DataOut, "nca", "ncb", killRemote: false)), Is.EqualTo("04" + DataStrings + "00"));
        Assert.That(Written(Handshake.RequestFor(StreamRole.ControlOut, "nca", "ncb", killRemote: true)), Is.EqualTo("04" + ControlStrings + "02"));
    }

    [Test]
    public void The_to_side_opens()
    {
        Assert.That(Written(Handshake.RequestFor(StreamRole.DataIn, "ncb", "nca", killRemote: false)), Is.EqualTo("08" + DataStrings + "00"));
        Assert.That(Written(Handshake.RequestFor(StreamRole.ControlIn, "ncb", "nca", killRemote: false)), Is.EqualTo("08" + ControlStrings + "00"));
    }

    [TestCase("04", "00", "ncb", "DataIn", "nca")]
    [TestCase("08", "00", "nca", "DataOut", "ncb")]
    [TestCase("02", "", "nca", "DataOut", "ncb")]
    [TestCase("06", "", "ncb", "DataIn", "nca")]
    public void A_request_gives_the_acceptor_its_role(string type, string kill, string acceptor, string role, string peer)
    {
        _sockets.Send(Convert.FromHexString(type + DataStrings + kill));
        var request = Handshake.Read(_sockets.There)!;

        Assert.That(Handshake.RoleOf(request, acceptor), Is.EqualTo((Enum.Parse<StreamRole>(role), peer)));
        Assert.That(Handshake.RoleOf(request, "stranger"), Is.Null);
    }

    [Test]
    public void A_connection_is_used_again_after_a_ping()
    {
        _sockets.Send(Convert.FromHexString("0A" + "02" + ControlStrings), andEnd: true);

        Assert.That(Handshake.Read(_sockets.There)!.Type, Is.EqualTo(RequestType.Ping));
        var request = Handshake.Read(_sockets.There)!;
        Assert.That(request, Is.EqualTo(new ConnectRequest(RequestType.ConnectInitiator, "nca", "Ambrosiacontrolout", "ncb", "Ambrosiacontrolin", false)));
        Assert.That(Handshake.RoleOf(request, "nca"), Is.EqualTo((StreamRole.ControlOut, "ncb")));
        Assert.That(Handshake.Read(_sockets.There), Is.Null);
    }

    [Test]
    public void Endpoints_that_do_not_belong_together_give_no_role()
    {
        Assert.That(Handshake.RoleOf(new ConnectRequest(RequestType.ConnectReceiver, "nca", "Ambrosiadataout", "ncb", "Ambrosiacontrolin", false), "ncb"), Is.Null);
        Assert.That(Handshake.RoleOf(new ConnectRequest(RequestType.ConnectReceiver, "nca", "x", "ncb", "y", false), "ncb"), Is.Null);
    }

    [TestCase("Success", "00")]
    [TestCase("ServerRecovering", "0C")]
    [TestCase("ActiveVertexNotFound", "04")]
    public void Answers_are_the_protocols(string code, string bytes)
    {
        Handshake.Reply(_sockets.There, Enum.Parse<ConnectCode>(code));
        Assert.That(Received(1), Is.EqualTo(bytes));

        _sockets.Send(Convert.FromHexString(bytes));
        Assert.That(Handshake.ReadReply(_sockets.There), Is.EqualTo(Enum.Parse<ConnectCode>(code)));
    }

    [TestCase("0C", TestName = "An_unknown_type")]
    [TestCase("01", TestName = "A_negative_type")]
    [TestCase("FFFFFFFFFFFF", TestName = "A_type_of_too_many_bytes")]
    [TestCase("0480808008", TestName = "A_name_of_megabytes")]
    [TestCase("0401", TestName = "A_name_of_negative_length")]
    [TestCase("04066E63", TestName = "An_end_within_a_name")]
    [TestCase("80", TestName = "An_end_within_a_number")]
    public void What_is_no_request_is_refused(string bytes)
    {
        _sockets.Send(Convert.FromHexString(bytes), andEnd: true);

        Assert.Throws<ProtocolException>(() => Handshake.Read(_sockets.There));
    }

    private static string Hex(params byte[][] parts) => Convert.ToHexString([.. parts.SelectMany(part => part)]);

    private string Written(ConnectRequest request)
    {
        Handshake.Write(_sockets.There, request);
        return Received(1 + DataStrings.Length + ControlStrings.Length, atLeast: 20);
    }

    private string Received(int most, int atLeast = 1)
    {
        var bytes = new byte[most];
        var n = 0;
        do
            n += _sockets.Here.Receive(bytes.AsSpan(n), SocketFlags.None);
        while (n < atLeast);
        return Convert.ToHexString(bytes, 0, n);
    }
}
