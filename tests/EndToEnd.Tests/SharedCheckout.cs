using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>
/// One copy of the checkout, compiled and published once, from which every fixture takes its own. Nothing is compiled in the checkout
/// itself, where <c>build.sh --target=Test</c> may be running right now.
/// </summary>
[SetUpFixture]
public sealed class SharedCheckout
{
    private static readonly Lazy<Task<Checkout>> Prepared = new(Prepare);

    internal static async Task<Checkout> Copy() => Checkout.CopyOf((await Prepared.Value).Root);

    [OneTimeTearDown]
    public async Task Remove()
    {
        if (Prepared.IsValueCreated)
            (await Prepared.Value).Dispose();
    }

    private static async Task<Checkout> Prepare()
    {
        var checkout = Checkout.CopyOf(FindRoot());
        var run = await checkout.Run("BuildImages");
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"build.sh BuildImages: {run.All}");
        return checkout;
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Ambrosia.slnx")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("These tests run in a checkout.");
    }
}
