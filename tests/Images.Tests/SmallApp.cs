using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The image of the app on the base without a shell, built by the first test that needs it.</summary>
internal static class SmallApp
{
    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    public static SuiteOptions Options { get; } = new() { ServiceName = "small", Dockerfile = "app/Dockerfile.small" };

    /// <returns>Its name.</returns>
    public static Task<string> RequireAsync(CancellationToken cancellation) => Built.Value.WaitAsync(cancellation);

    private static async Task<string> BuildAsync()
    {
        await BuiltApp.RequireAsync(CancellationToken.None); // what is published for the one is what the other is made of
        using var suite = new Suite(Options);
        var outcome = await suite.Registry.BuildAsync(CancellationToken.None);
        Assert.That(outcome.Summary, Does.StartWith("built "));
        return outcome.Summary.Split(' ')[1];
    }
}
