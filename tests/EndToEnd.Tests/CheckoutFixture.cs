using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Tests of one fresh checkout: every test has its own, with no run in it yet.</summary>
[Platform("Linux", Reason = "these tests look into /proc")]
public abstract class CheckoutFixture
{
    private protected Checkout Checkout { get; private set; } = null!;

    [SetUp]
    public async Task CopyCheckout() => Checkout = await SharedCheckout.Copy();

    [TearDown]
    public void RemoveCheckout() => Checkout?.Dispose();

    /// <summary>A configuration for this machine, as a user writes it.</summary>
    private protected string Configure(string json) => Checkout.Write("AmbrosiaAKSConf.json", json);
}
