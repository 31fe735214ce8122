using System.Globalization;
using Ambrosia.Arguments;
using Ambrosia.Binding;
using Ambrosia.Hosting;

// Adder server|client RECEIVE_PORT SEND_PORT
Immortal immortal = args[0] == "server" ? new AdderServer() : new AdderClient();
return ImmortalHost.Run(immortal, new ImmortalOptions(
    "adder" + args[0],
    ReceivePort: int.Parse(args[1], CultureInfo.InvariantCulture),
    SendPort: int.Parse(args[2], CultureInfo.InvariantCulture)));

/// <summary>Keeps a sum.</summary>
internal sealed class AdderServer : Immortal
{
    public const int Add = 1;

    private long _sum;

    public AdderServer() => OnMethod(Add, OnAdd);

    protected override void Save(CheckpointWriter writer) => writer.WriteInt64(_sum);

    protected override void Load(CheckpointReader reader) => _sum = reader.ReadInt64();

    private void OnAdd(in IncomingCall call)
    {
        _sum += new ArgumentReader(call.Arguments).ReadInt64();
        Reply(call.ReplyTo, BitConverter.GetBytes(_sum));
    }
}

/// <summary>Has 1 to 20000 added, each when the one before is answered, and prints the sum.</summary>
internal sealed class AdderClient : Immortal
{
    private const int Last = 20_000;
    private const int Added = 1;

    private readonly InstanceProxy _server;
    private long _number;

    public AdderClient()
    {
        _server = Instance("adderserver");
        OnReply(Added, OnAdded);
    }

    protected override void OnFirstStart(ReadOnlySpan<byte> initialMessage) => AddNext();

    protected override void Save(CheckpointWriter writer) => writer.WriteInt64(_number);

    protected override void Load(CheckpointReader reader) => _number = reader.ReadInt64();

    private void AddNext()
    {
        _number++;
        var arguments = new ArgumentWriter(stackalloc byte[9]);
        arguments.WriteInt64(_number);
        _server.Call(AdderServer.Add, arguments.Written, Added);
    }

    private void OnAdded(in IncomingReply reply)
    {
        reply.ThrowIfException();
        if (_number < Last)
            AddNext();
        else
            Console.WriteLine($"Sum: {BitConverter.ToInt64(reply.Value)}");
    }
}
