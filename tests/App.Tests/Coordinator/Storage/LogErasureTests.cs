using Ambrosia.Coordinator;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Storage;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage;

/// <summary>The verb <c>erase</c>: what it deletes, what it leaves, and when it refuses.</summary>
[Parallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LogErasureTests : IDisposable
{
    private static readonly string[] Ours =
    [
        "00000000000000000000-00000001.log", "00000000000000000009.checkpoint", "00000000000000000009-00000002.checkpoint",
        "00000000000000000009.checkpoint.tmp", "spill-peer.tmp",
    ];

    private static readonly string[] Others = ["notes.log", "1.checkpoint", "other.tmp", "README"];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Files_of_our_names_go_and_all_others_stay()
    {
        Write([.. Ours, .. Others]);
        Directory.CreateDirectory(_directory["00000000000000000001-00000001.log"]);

        Assert.That(Erase(), Is.EqualTo(Ours.Length));

        Assert.That(Names(), Is.EquivalentTo(Others.Append("lock")));
        Assert.That(Erase(), Is.Zero);
    }

    [Test]
    public void A_directory_that_is_not_there_is_empty() =>
        Assert.That(LogErasure.Erase(_directory["none"], new CoordinatorLog(TextWriter.Null)), Is.Zero);

    [TestCase("flock")]
    [TestCase("lease")]
    public void Logs_in_use_are_refused_and_left(string kind)
    {
        Write(Ours[0]);
        using (Open(kind))
        {
            var refusal = Assert.Throws<CoordinatorException>(() => Erase())!;
            Assert.That((refusal.Code, refusal.ExitCode), Is.EqualTo((Codes.LogLocked, ExitCodes.NeedsPerson)));
            Assert.That(Names(), Does.Contain(Ours[0]));
        }

        Assert.That(Erase(), Is.EqualTo(1));
    }

    /// <summary>A number that came twice would let two owners believe in one claim.</summary>
    [Test]
    public void The_claims_of_a_lease_stay_so_that_epochs_only_grow()
    {
        int epoch;
        using (var first = Open("lease"))
            epoch = first.Plan(Options("lease")).Epoch;
        Write(Ours[0]);

        Assert.That(Erase(), Is.EqualTo(1));

        using var next = Open("lease");
        Assert.That(next.Plan(Options("lease")).Epoch, Is.GreaterThan(epoch));
    }

    [Test]
    public void The_directory_has_to_be_named_and_a_typo_is_told()
    {
        Assert.That(CommandLine.ParseErase(["--log", "/logs/srv"]), Is.EqualTo("/logs/srv"));
        Assert.That(Assert.Throws<CoordinatorException>(() => CommandLine.ParseErase([]))!.Message, Does.Contain("--log"));
        Assert.That(Assert.Throws<CoordinatorException>(() => CommandLine.ParseErase(["--logs", "x"]))!.Fix, Does.Contain("--log"));
    }

    private int Erase() => LogErasure.Erase(_directory.Path, new CoordinatorLog(TextWriter.Null));

    private void Write(params string[] names)
    {
        foreach (var name in names)
            File.WriteAllText(_directory[name], "");
    }

    private string?[] Names() => [.. Directory.GetFiles(_directory.Path).Select(Path.GetFileName)];

    private RunOptions Options(string kind) => CommandLine.ParseRun(
        [
            "--instance", "srv", "--log", _directory.Path, "--listen", "127.0.0.1:1", "--receive-port", "2", "--send-port", "3", "--lock", kind,
            .. kind == "lease" ? ["--lease-duration", "2"] : (string[])[], "--", "Server",
        ]);

    private LogDirectory Open(string kind) =>
        LogDirectory.Open(Options(kind), new CoordinatorLog(TextWriter.Null), _ => { }, CancellationToken.None);
}
