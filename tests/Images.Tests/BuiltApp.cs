using Ambrosia.Build.Platforms;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The image of the app, compiled and built by the first test that needs it.</summary>
/// <param name="Context">What was sent to the image build.</param>
internal sealed record BuiltApp(StepOutcome Outcome, string Reference, string Context)
{
    private static readonly Lazy<Task<BuiltApp>> Built = new(BuildAsync);
    private static readonly Lazy<Task<StepOutcome>> Pushed = new(PushAsync);

    public static Task<BuiltApp> RequireAsync(CancellationToken cancellation) => Built.Value.WaitAsync(cancellation);

    /// <summary>Pushed once: two pushes of one image at a time spoil each other in the registry.</summary>
    /// <returns>What the push said.</returns>
    public static Task<StepOutcome> RequirePushedAsync(CancellationToken cancellation) => Pushed.Value.WaitAsync(cancellation);

    private static async Task<StepOutcome> PushAsync()
    {
        await Built.Value;
        using var suite = new Suite(new SuiteOptions());
        return await suite.Registry.PushAsync(CancellationToken.None);
    }

    private static async Task<BuiltApp> BuildAsync()
    {
        using var suite = new Suite(new SuiteOptions());
        var outcome = await suite.Registry.BuildAsync(CancellationToken.None);
        Assert.That(outcome.Summary, Does.StartWith("built "));
        await TestContext.Progress.WriteLineAsync(outcome.Summary);
        return new BuiltApp(outcome, outcome.Summary.Split(' ')[1], suite.Publisher.ContextOf(SuiteOptions.NativePlatform));
    }
}
