using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The app's sources change, for every test that runs meanwhile: so none does.</summary>
[NonParallelizable]
[CancelAfter(600_000)]
public sealed class ChangeTests
{
    [Test]
    public async Task A_change_of_the_app_builds_and_pushes_one_layer(CancellationToken cancellation)
    {
        await BuiltApp.RequirePushedAsync(cancellation);
        var first = (await Machinery.Registry.TagsAsync("perftest", cancellation)).Single();
        using var change = Machinery.Checkout.Change("app/PerformanceTest/Job/Program.cs", "sends rounds of messages", "sends many rounds of messages");
        using var suite = new Suite(new SuiteOptions());

        var built = await suite.Registry.BuildAsync(cancellation);
        await suite.Registry.PushAsync(cancellation);

        TestContext.Progress.WriteLine(built.Summary);
        Assert.That(built.Summary, Does.EndWith($": inputs changed ({first} -> {built.Summary.Split(' ')[1].Split(':')[^1]})"));
        var second = (await Machinery.Registry.TagsAsync("perftest", cancellation)).Single(tag => tag != first);
        var old = await Machinery.Registry.LayersAsync("perftest", first, cancellation);
        var layers = await Machinery.Registry.LayersAsync("perftest", second, cancellation);
        Assert.That(layers.Except(old).Count(), Is.EqualTo(1));
        Assert.That(layers.Take(layers.Count - 1), Is.EqualTo(old.Take(old.Count - 1)));
    }
}
