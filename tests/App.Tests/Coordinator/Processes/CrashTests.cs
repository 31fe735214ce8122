using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>Kills the coordinator at every step of committing and of taking a checkpoint, also of the recovery from that.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Platform("Linux")]
public sealed class CrashTests
{
    private static readonly string[] Steps =
    [
        "RecordWritten", "RecordFlushed", "RecordAcknowledged", "LogSwitched", "CheckpointBegun", "CheckpointWritten", "CheckpointFlushed",
        "CheckpointPublished", "LogsDeleted", "BecamePrimary",
    ];

    [Test]
    public async Task Killed_in_its_first_life_and_again_in_its_recovery_it_loses_and_doubles_nothing(
        [ValueSource(nameof(Steps))] string step, [Values(1, 3)] int count)
    {
        using var directory = new TemporaryDirectory();
        await using var node = new Node("srv", directory);
        await using var driver = new Driver(node);
        driver.Note(50, payload: 1000);
        var reached = false;
        foreach (var killAt in (string[])[$"{step}:{count}", $"{step}:1"])
        {
            var life = node.Start(killAt, new Ledger("srv"));
            reached |= await WorkUntilKilledAsync(life, driver);
            await life.EndAppAsync();
        }

        Assert.That(reached || (step == "BecamePrimary" && count > 1), Is.True, "the step was never reached");
        var last = await node.StartReadyAsync();
        driver.Note(50, payload: 1000);
        await driver.AllAcknowledgedAsync(() => last.Output);
        await CheckAsync(last, driver);
        await last.KillAsync();
        await CheckAsync(await node.StartReadyAsync(), driver);
    }

    private static async Task CheckAsync(Life life, Driver driver)
    {
        await Eventually.That(() => life.Ledger.Received(Driver.Name) == driver.Sent, () => $"{life.Ledger.Received(Driver.Name)} of {driver.Sent}\n{life.Output}");
        Assert.That(life.Ledger.OutOfOrder, Is.Zero);
        Assert.That(driver.Fault, Is.Null);
    }

    /// <summary>Messages and checkpoints until the process has killed itself; true when it did.</summary>
    private static async Task<bool> WorkUntilKilledAsync(Life life, Driver driver)
    {
        for (var round = 0; round < 12 && !life.Process.HasExited; round++)
        {
            driver.Note(20, payload: 1000);
            var wanted = driver.Sent;
            await Eventually.That(() => driver.Acknowledged >= wanted || life.Process.HasExited, () => life.Output);
            await life.CheckpointAsync();
        }

        if (!life.Process.HasExited)
        {
            await life.KillAsync();
            return false;
        }

        Assert.That(await life.ExitAsync(), Is.EqualTo(137), life.Output);
        return true;
    }
}
