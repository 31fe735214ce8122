using Ambrosia.App.Tests.Binding;
using Ambrosia.Coordinator.Storage;
using Ambrosia.Coordinator.Streams;
using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Streams;

/// <summary>
/// Random histories of one sender and one receiver that both crash now and then. Whatever happens, the receiver ends up with every
/// replayable message once and in order, and with no Impulse twice.
/// </summary>
[Parallelizable]
public class OutputQueueModelTests
{
    [Test]
    public void No_history_loses_or_doubles_a_message([Range(1, 40)] int seed, [Values] bool spilling)
    {
        using var directory = new TemporaryDirectory();
        using var pair = new Pair(directory, new Random(seed), spilling ? 0 : 1L << 40);
        for (var step = 0; step < 250; step++)
            pair.Step();
        pair.Settle();
    }

    /// <summary>Sender, receiver, and what really happened.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly TemporaryDirectory _directory;
        private readonly Random _random;
        private readonly long _memoryLimit;
        private readonly BufferPool _pool = new(OutputQueue.ChunkSize, 4);

        /// <summary>IDs of the replayable messages that the app has ever produced: its next life produces the same.</summary>
        private readonly List<int> _produced = [];
        private readonly List<int> _taken = [];
        private readonly HashSet<int> _impulses = [];
        private readonly int _existence;
        private OutputQueue _queue;
        private OutputCursor? _cursor;
        private string? _checkpoint;
        private int _checkpointProduced;
        private int _durable;
        private (long Base, long Acknowledged)? _recorded;
        private int _nextId = 1;

        public Pair(TemporaryDirectory directory, Random random, long memoryLimit)
        {
            (_directory, _random, _memoryLimit) = (directory, random, memoryLimit);

            // In half of the histories the receiver remembers an older existence of the sender.
            _existence = random.Next(2) * random.Next(1, 50);
            for (var i = 0; i < _existence; i++)
                _taken.Add(i % 3 == 0 ? int.MinValue : -1);
            _durable = _taken.Count;
            _queue = New();
            TakeCheckpoint();
        }

        private long TakenReplayable => _taken.Count(id => id == -1 || (id > 0 && !_impulses.Contains(id)));

        public void Step()
        {
            switch (_random.Next(20))
            {
                case < 8:
                    Produce(_random.Next(1, 6));
                    break;
                case < 13:
                    Pump(_random.Next(1, 4));
                    break;
                case < 15:
                    _durable = _random.Next(_durable, _taken.Count + 1);
                    Acknowledge();
                    break;
                case 15:
                    Acknowledge();
                    break;
                case 16:
                    // The connection breaks; the receiver lives on.
                    _cursor = null;
                    break;
                case 17:
                    // The receiver dies: what it had not logged is gone.
                    _taken.RemoveRange(_durable, _taken.Count - _durable);
                    _cursor = null;
                    break;
                case 18:
                    TakeCheckpoint();
                    break;
                default:
                    if (_random.Next(3) == 0)
                        CrashSender();
                    break;
            }
        }

        public void Settle()
        {
            Pump(int.MaxValue);
            Assert.That(_taken.Where(id => id > 0 && !_impulses.Contains(id)), Is.EqualTo(_produced));
            Assert.That(_taken.Where(_impulses.Contains), Is.Unique);
            _durable = _taken.Count;
            Acknowledge();
            Assert.That(_queue.UnacknowledgedMessages, Is.Zero);
        }

        public void Dispose() => _queue.Dispose();

        private void Produce(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var id = _nextId++;
                var impulse = _random.Next(3) == 0;
                if (impulse)
                    _impulses.Add(id);
                else
                    _produced.Add(id);
                Put(id, impulse);
                if (_random.Next(3) == 0)
                    _queue.Publish();
            }

            _queue.Publish();
        }

        private void Put(int id, bool impulse)
        {
            var length = (id % 11) switch { 0 => 300_000, < 4 => 90_000, _ => 10 };
            byte[] message = Records.Rpc([0, .. Records.Number(1), (byte)(impulse ? RpcType.Impulse : RpcType.Fork), .. Records.Number(id), .. new byte[length]]);
            message.CopyTo(_queue.Reserve(message.Length));
            _queue.Commit(message.Length, !impulse);
        }

        private void Pump(int segments)
        {
            if (_cursor is null)
            {
                // Both ends count; nothing but the receiver's two counts is transmitted.
                Assert.That(_queue.ReplayFrom(_taken.Count + 1, TakenReplayable + 1, out var at), Is.EqualTo(ReplayAnswer.Continue));
                _cursor = at;
                _recorded = (_queue.Base, _queue.AcknowledgedReplayable);
            }

            var cursor = _cursor.Value;
            Span<byte> head = stackalloc byte[Messages.MaxBatchHeader];
            while (segments-- > 0 && _queue.Next(ref cursor, TimeSpan.Zero) is { } segment)
            {
                var run = segment.Buffer.AsSpan(segment.Offset, segment.Length);
                CheckBatch([.. head[..Messages.WriteBatchHeader(head, run.Length, segment.Count, segment.Replayable)], .. run], segment);
                while (run.Length > 0)
                {
                    var n = Messages.First(run, out _);
                    VarInt.TryRead(run, out int size);
                    VarInt.TryRead(run[(n - size + 4)..], out int id);
                    _taken.Add(id);
                    run = run[n..];
                }

                _queue.Return(segment);
            }

            _cursor = cursor;
        }

        private static void CheckBatch(byte[] bytes, OutputSegment segment)
        {
            var sizeBytes = VarInt.TryRead(bytes, out int size);
            Assert.That(sizeBytes + size, Is.EqualTo(bytes.Length));
            var frame = new Frame((MessageType)bytes[sizeBytes], bytes, bytes.AsSpan(sizeBytes + 1));
            Assert.That(Messages.Count(frame), Is.EqualTo((segment.Count, segment.Replayable)));
        }

        private void Acknowledge()
        {
            var replayable = _taken.Take(_durable).Count(id => id == -1 || (id > 0 && !_impulses.Contains(id)));
            _queue.Acknowledge(_durable, replayable);
            if (_random.Next(2) == 0 && _recorded is not null)
                _recorded = (_queue.Base, _queue.AcknowledgedReplayable);
        }

        private void TakeCheckpoint()
        {
            var (state, chunks) = _queue.Snapshot();

            // Acknowledgements go on while the checkpoint is being written.
            if (_random.Next(2) == 0)
                Acknowledge();
            var path = _checkpoint = _directory[$"{_nextId}.checkpoint"];
            using var writer = new CheckpointWriter(path, new CheckpointHeader(Storage.LogFile.Identity, 1, 0, null, [], [state]));
            _queue.Write(writer, chunks);
            writer.BeginApp([6, 8, 0], 0);
            writer.Finish(toDevice: false);
            writer.Publish(toDevice: false);
            _checkpointProduced = _produced.Count;
        }

        /// <summary>The sender dies and comes back: checkpoint, then the same replayable messages again, and no Impulse.</summary>
        private void CrashSender()
        {
            _queue.Dispose();
            _queue = New();
            _cursor = null;
            using (var reader = CheckpointReader.TryOpen(_checkpoint!)!)
            {
                _queue.Restore(reader.Header.Outputs[0], _recorded?.Base);
                if (_recorded is { } known)
                    _queue.SkipThrough(known.Acknowledged);
                while (reader.ReadBlock() is var (messages, _))
                    _queue.AppendRun(messages);
            }

            foreach (var id in _produced.Skip(_checkpointProduced))
                Put(id, impulse: false);
            _queue.Publish();
            TakeCheckpoint();
        }

        private OutputQueue New() => new("peer", _pool, _memoryLimit, _directory["spill.tmp"], replaying: true);
    }
}
