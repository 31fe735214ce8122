using System.Globalization;
using Ambrosia.Arguments;
using Ambrosia.Binding;

namespace Ambrosia.PerformanceTest.Job;

/// <summary>
/// Sends rounds of messages to the Server, and measures each from its first message until the Server says that it has processed the
/// last. Clock values enter only as arguments of messages to itself, which are logged: a replay gets the logged ones back.
/// </summary>
internal sealed class JobImmortal : Immortal
{
    /// <summary>
    /// One handler sends about so much. It asks for its own continuation first, so that the continuation's way through the log runs
    /// beside the sending.
    /// </summary>
    private const int BytesPerContinuation = 10 * 1024 * 1024;

    private const int RoundEnded = 1;
    private const int TotalsPrinted = 2;
    private const double BytesPerGib = 1024.0 * 1024 * 1024;

    /// <summary>Three arguments of fixed width: 4, 8 and 8 bytes, each after a count of one byte.</summary>
    private const int JobContinueLength = 5 + 9 + 9;

    private const int RoundMeasuredLength = 5 + 9;

    private readonly Rounds _rounds;
    private readonly int _number;
    private readonly TimeProvider _clock;
    private readonly TextWriter _output;
    private readonly byte[] _pattern;
    private readonly InstanceProxy _server;

    private int _roundsDone;
    private long _lastCallNumber;
    private ulong _random;
    private long _bytesReceived;

    public JobImmortal(Rounds rounds, string serverName, int number, TimeProvider clock, TextWriter output)
    {
        _rounds = rounds;
        _number = number;
        _clock = clock;
        _output = output;
        _pattern = Payload.CreatePattern(rounds.LargestPayload);
        _server = Instance(serverName);
        OnMethod(JobMethods.JobContinue, JobContinue);
        OnMethod(JobMethods.M, M);
        OnMethod(JobMethods.PrintBytesReceived, PrintBytesReceived);
        OnMethod(JobMethods.RoundMeasured, RoundMeasured);
        OnReply(RoundEnded, MeasureRound);
        OnReply(TotalsPrinted, FinishJob);
    }

    protected override void Save(CheckpointWriter writer)
    {
        writer.WriteInt32(_roundsDone);
        writer.WriteInt64(_lastCallNumber);
        writer.WriteUInt64(_random);
        writer.WriteInt64(_bytesReceived);
    }

    protected override void Load(CheckpointReader reader)
    {
        _roundsDone = reader.ReadInt32();
        _lastCallNumber = reader.ReadInt64();
        _random = reader.ReadUInt64();
        _bytesReceived = reader.ReadInt64();
    }

    protected override void OnFirstStart(ReadOnlySpan<byte> initialMessage)
    {
        _output.WriteLine("Bytes per RPC\tThroughput (GB/sec)");
        StartRound(_rounds.MaxMessageSize);
    }

    private void StartRound(int size) => Continue(size, 0, _clock.GetUtcNow().Ticks);

    private void Continue(int size, long sent, long startTicks)
    {
        var arguments = new ArgumentWriter(Self.BeginFork(JobMethods.JobContinue, JobContinueLength));
        arguments.WriteInt32(size);
        arguments.WriteInt64(sent);
        arguments.WriteInt64(startTicks);
    }

    private void JobContinue(in IncomingCall call)
    {
        var arguments = new ArgumentReader(call.Arguments);
        var size = arguments.ReadInt32();
        var sent = arguments.ReadInt64();
        var startTicks = arguments.ReadInt64();
        var end = Math.Min(_rounds.MessagesOf(size), sent + Math.Max(1, BytesPerContinuation / size));
        var isLast = end == _rounds.MessagesOf(size);
        if (!isLast) Continue(size, end, startTicks);
        for (var i = sent; i < end; i++) SendMessage(_rounds.SizeOf(i, size));
        if (isLast) EndRound(size, startTicks);
    }

    private void SendMessage(int size)
    {
        var arguments = _server.BeginFork(ServerMethods.M, ArgumentWriter.SizeOfBytes(size));
        Payload.Write(new ArgumentWriter(arguments).BeginBytes(size), _pattern, ++_lastCallNumber, _number);
    }

    private void EndRound(int size, long startTicks)
    {
        Span<byte> context = stackalloc byte[5 + 9];
        var writer = new ArgumentWriter(context);
        writer.WriteInt32(size);
        writer.WriteInt64(startTicks);
        _server.Call(ServerMethods.RoundProcessed, [], RoundEnded, writer.Written);
    }

    private void MeasureRound(in IncomingReply reply)
    {
        reply.ThrowIfException();
        var context = new ArgumentReader(reply.Context);
        var size = context.ReadInt32();
        var elapsed = Math.Max(1, _clock.GetUtcNow().Ticks - context.ReadInt64());
        var arguments = new ArgumentWriter(Self.BeginFork(JobMethods.RoundMeasured, RoundMeasuredLength));
        arguments.WriteInt32(size);
        arguments.WriteDouble(_rounds.BytesPerRound / BytesPerGib / (elapsed / (double)TimeSpan.TicksPerSecond));
    }

    private void RoundMeasured(in IncomingCall call)
    {
        var arguments = new ArgumentReader(call.Arguments);
        var size = arguments.ReadInt32();
        var rate = arguments.ReadDouble();
        Print($"*X* {size}\t{rate}");
        if (++_roundsDone < _rounds.Count) StartRound(_rounds.NextSize(size, ref _random));
        else _server.Call(ServerMethods.PrintBytesReceived, [], TotalsPrinted);
    }

    private void FinishJob(in IncomingReply reply)
    {
        reply.ThrowIfException();
        _output.WriteLine("DONE");
    }

    private void M(in IncomingCall call) => _bytesReceived += new ArgumentReader(call.Arguments).ReadBytes().Length;

    private void PrintBytesReceived(in IncomingCall call)
    {
        Print($"Bytes received: {_bytesReceived}");
        if (call.Type == Wire.RpcType.Call) ReplyVoid(call.ReplyTo);
    }

    private void Print(FormattableString line) => _output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
