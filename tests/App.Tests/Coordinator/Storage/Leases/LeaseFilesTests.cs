using Ambrosia.Coordinator.Storage.Leases;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Storage.Leases;

/// <summary>Claims as files.</summary>
[Parallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LeaseFilesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task Of_many_makers_of_one_number_one_succeeds()
    {
        for (var number = 1; number <= 50; number++)
        {
            var wanted = number;
            var makers = Enumerable.Range(0, 8).Select(maker => Task.Run(async () =>
                await Files().TryCreateAsync(wanted, Claim($"{maker}")) ? $"{maker}" : null));
            var winner = (await Task.WhenAll(makers)).Single(maker => maker is not null);
            Assert.That((await Files().ReadAsync(number))!.Owner, Is.EqualTo(winner));
        }
    }

    [Test]
    public async Task Claims_are_listed_described_and_deleted_and_other_files_are_let_be()
    {
        File.WriteAllText(_directory["0000000009.lease"], "");
        File.WriteAllText(_directory["notes.lease"], "");
        File.WriteAllText(_directory["lock"], "");
        Assert.That(await Files().TryCreateAsync(12, Claim("a")), Is.True);

        Assert.That(await Files().ListAsync(), Is.EquivalentTo(new[] { 9, 12 }));
        Assert.That(await Files().ReadAsync(9), Is.Null, "it is not described");
        Assert.That(await Files().ReadAsync(10), Is.Null, "there is none");
        await Files().DescribeAsync(9, Claim("b"));
        Assert.That((await Files().ReadAsync(9))!.Owner, Is.EqualTo("b"));
        await Files().DeleteAsync(9);
        Assert.That(await Files().ListAsync(), Is.EqualTo(new[] { 12 }));
        Assert.That(File.Exists(_directory["notes.lease"]), Is.True);
    }

    [Test]
    public async Task A_lost_directory_is_an_error_and_not_an_empty_one()
    {
        var gone = new LeaseFiles(_directory["gone"]);

        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await gone.ListAsync());
        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await gone.ReadAsync(1));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(async () => await gone.TryCreateAsync(1, Claim("a")));
    }

    private static LeaseClaim Claim(string owner) => new(owner, 1000, false, new LeaseProcess("h", null, null, 1, 1), DateTimeOffset.UnixEpoch);

    private LeaseFiles Files() => new(_directory.Path);
}
