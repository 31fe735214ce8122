using System.Globalization;
using Ambrosia.Arguments;
using Ambrosia.Binding;

namespace Ambrosia.PerformanceTest.Server;

/// <summary>Counts what it receives, and whether every Job's messages come each once and in order.</summary>
internal sealed class ServerImmortal : Immortal
{
    private const int ProgressStepBytes = 16 * 1024 * 1024;
    private const int BytesPerMegabyte = 1024 * 1024;

    private readonly TextWriter _output;
    private readonly long[] _lastCallNumbers;
    private long _bytesReceived;
    private long _outOfOrder;
    private int _jobsDone;
    private long _lastHealthTicks;

    public ServerImmortal(int jobs, TextWriter output)
    {
        _output = output;
        _lastCallNumbers = new long[jobs];
        OnMethod(ServerMethods.M, M);
        OnMethod(ServerMethods.AmIHealthy, AmIHealthy);
        OnMethod(ServerMethods.PrintBytesReceived, PrintBytesReceived);
        OnMethod(ServerMethods.RoundProcessed, RoundProcessed);
    }

    protected override void Save(CheckpointWriter writer)
    {
        writer.WriteInt64(_bytesReceived);
        writer.WriteInt64(_outOfOrder);
        writer.WriteInt32(_jobsDone);
        writer.WriteInt64(_lastHealthTicks);
        writer.WriteInt32(_lastCallNumbers.Length);
        foreach (var number in _lastCallNumbers) writer.WriteInt64(number);
    }

    protected override void Load(CheckpointReader reader)
    {
        _bytesReceived = reader.ReadInt64();
        _outOfOrder = reader.ReadInt64();
        _jobsDone = reader.ReadInt32();
        _lastHealthTicks = reader.ReadInt64();
        var jobs = reader.ReadInt32();
        if (jobs != _lastCallNumbers.Length) throw new InvalidOperationException($"the checkpoint is of a Server for {jobs} Jobs, but -n says {_lastCallNumbers.Length}");
        for (var i = 0; i < jobs; i++) _lastCallNumbers[i] = reader.ReadInt64();
    }

    /// <summary>
    /// In a cluster a deleted pod takes its lines with it, and the totals may lie behind a checkpoint that no replay goes back to. So a life
    /// that begins with all work done says them again.
    /// </summary>
    protected override void OnBecamePrimary()
    {
        if (_jobsDone >= _lastCallNumbers.Length)
            PrintTotals();
    }

    private void M(in IncomingCall call)
    {
        var payload = new ArgumentReader(call.Arguments).ReadBytes();
        var isNumbered = Payload.TryRead(payload, out var number, out var source);

        // With a single Job the source is not looked at: the original's Job writes none.
        if (_lastCallNumbers.Length == 1) source = 0;
        if (!isNumbered || (uint)source >= (uint)_lastCallNumbers.Length)
        {
            _outOfOrder++;
        }
        else
        {
            ref var last = ref _lastCallNumbers[source];
            if (number != last + 1) _outOfOrder++;
            last = number;
        }

        var before = _bytesReceived;
        _bytesReceived = before + payload.Length;
        if (before / ProgressStepBytes != _bytesReceived / ProgressStepBytes) PrintProgress();
    }

    private void PrintProgress() =>
        Print($"Service Received {_bytesReceived / ProgressStepBytes * (ProgressStepBytes / BytesPerMegabyte)} MB so far");

    /// <summary>
    /// An impulse of the original's interface; the last one's time (UTC ticks) is part of the state. The original's own sender writes the
    /// time as XML: that is passed over, because a logged message that fails would fail in every later process too.
    /// </summary>
    private void AmIHealthy(in IncomingCall call)
    {
        if (new ArgumentReader(call.Arguments).TryReadInt64(out var ticks)) _lastHealthTicks = ticks;
    }

    private void PrintBytesReceived(in IncomingCall call)
    {
        if (++_jobsDone == _lastCallNumbers.Length)
            PrintTotals();

        if (call.Type == Wire.RpcType.Call) ReplyVoid(call.ReplyTo);
    }

    private void PrintTotals()
    {
        Print($"Bytes received: {_bytesReceived}");
        Print($"Out of order: {_outOfOrder}");
        _output.WriteLine("DONE");
    }

    private void RoundProcessed(in IncomingCall call)
    {
        Span<byte> value = stackalloc byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(value, _bytesReceived);
        if (call.Type == Wire.RpcType.Call) Reply(call.ReplyTo, value);
    }

    private void Print(FormattableString line) => _output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
