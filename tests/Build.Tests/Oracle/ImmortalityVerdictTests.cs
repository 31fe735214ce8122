using Ambrosia.Build.Oracle;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Oracle;

public sealed class ImmortalityVerdictTests
{
    private static readonly OracleVerdict Whole = new(true, "Bytes received 9 of 9, 0 out of order", null);
    private static readonly OracleVerdict Short = new(false, "Bytes received 8 of 9, 0 out of order", "1 bytes are missing");

    [Test]
    public void A_proof_holds_with_every_kill_recovered_from_and_nothing_lost() => Assert.That(
        ImmortalityVerdict.Judge(2, [TimeSpan.FromSeconds(1.2), TimeSpan.FromSeconds(0.4)], Whole),
        Is.EqualTo(new ImmortalityVerdict(true, "2 kills survived, Bytes received 9 of 9, 0 out of order, slowest recovery 1.2 s")));

    [Test]
    public void Work_that_ends_before_its_kills_proves_nothing() => Assert.That(
        ImmortalityVerdict.Judge(2, [TimeSpan.FromSeconds(1.2)], Whole),
        Is.EqualTo(new ImmortalityVerdict(
            false, "1 of 2 kills survived, Bytes received 9 of 9, 0 out of order: the work ended before all kills were made and recovered from.")
        { EndedEarly = true }));

    [Test]
    public void What_was_lost_is_told() => Assert.That(
        ImmortalityVerdict.Judge(1, [TimeSpan.FromSeconds(1.2)], Short),
        Is.EqualTo(new ImmortalityVerdict(false, "1 of 1 kills survived, Bytes received 8 of 9, 0 out of order: 1 bytes are missing.")));
}
