using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

/// <summary>The files of an owner who may be cut off from its share, and those of the owners before and after it.</summary>
[Parallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LogDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Each_owner_has_an_epoch_above_all_before_and_names_of_its_own()
    {
        File.WriteAllBytes(_directory["00000000000000000000-00000007.log"], new LogFile(epoch: 7).Bytes);
        var names = new HashSet<string>();
        var last = 7;
        for (var life = 0; life < 3; life++)
        {
            using var directory = Open("lease");
            var epoch = directory.Plan(Options("lease")).Epoch;
            Assert.That(epoch, Is.GreaterThan(last));
            last = epoch;
            Assert.That(names.Add(directory.CheckpointPath(3)) && names.Add(directory.SpillPath("peer")), Is.True);
        }
    }

    [Test]
    public void An_owner_deletes_what_its_checkpoint_holds_but_no_file_of_a_later_epoch()
    {
        using var directory = Open("lease");
        var epoch = directory.Plan(Options("lease")).Epoch;
        string[] older = [Log(0, 1), Log(4, epoch), Checkpoint(0, 1), Checkpoint(4, epoch)];
        string[] later = [Log(4, epoch + 1), Log(9, epoch + 2), Checkpoint(4, epoch + 1)];
        foreach (var name in older.Concat(later))
            File.WriteAllText(_directory[name], "");

        // It contains everything of this owner, whose current log is none any more.
        directory.DeleteBefore(9, null);

        Assert.That(Directory.GetFiles(_directory.Path).Select(Path.GetFileName), Is.SupersetOf(later));
        Assert.That(Directory.GetFiles(_directory.Path).Select(Path.GetFileName), Has.None.AnyOf(older));
    }

    [Test]
    public void An_owner_that_has_given_the_lease_up_deletes_nothing()
    {
        var directory = Open("lease");
        directory.Plan(Options("lease"));
        File.WriteAllText(_directory[Checkpoint(0, 1)], "");
        directory.Dispose();

        Assert.That(directory.MayAcknowledge, Is.False);
        Assert.Throws<CoordinatorException>(() => directory.DeleteBefore(9, null));
        Assert.That(File.Exists(_directory[Checkpoint(0, 1)]), Is.True);
    }

    [Test]
    public void A_released_lease_is_taken_at_once_and_a_held_one_is_waited_for_until_a_stop()
    {
        using (var first = Open("lease"))
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            Assert.Throws<TaskCanceledException>(() => LogDirectory.Open(Options("lease"), new CoordinatorLog(TextWriter.Null), _ => { }, stop.Token));
            Assert.That(first.MayAcknowledge, Is.True);
        }

        using var second = Open("lease");
        Assert.That(second.MayAcknowledge, Is.True);
    }

    private static string Log(long first, int epoch) => $"{first:D20}-{epoch:D8}.log";

    private static string Checkpoint(long next, int epoch) => $"{next:D20}-{epoch:D8}.checkpoint";

    private RunOptions Options(string kind) => CommandLine.ParseRun(
        ["--instance", "srv", "--log", _directory.Path, "--listen", "127.0.0.1:1", "--receive-port", "2", "--send-port", "3", "--lock", kind, "--", "Server"]);

    private LogDirectory Open(string kind) =>
        LogDirectory.Open(Options(kind), new CoordinatorLog(TextWriter.Null), _ => { }, CancellationToken.None);
}
