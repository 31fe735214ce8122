using Ambrosia.Build.Arguments;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Arguments;

public sealed class NearestNameTests
{
    [TestCase("", "", 0)]
    [TestCase("abc", "", 3)]
    [TestCase("", "abc", 3)]
    [TestCase("abc", "abc", 0)]
    [TestCase("abc", "abd", 1)]
    [TestCase("abc", "ab", 1)]
    [TestCase("abc", "abcd", 1)]
    [TestCase("abc", "acb", 1)]
    [TestCase("ca", "abc", 3)]
    [TestCase("kitten", "sitting", 3)]
    public void Distance_counts_typing_errors(string left, string right, int errors)
    {
        Assert.That(NearestName.Distance(left, right), Is.EqualTo(errors));
        Assert.That(NearestName.Distance(right, left), Is.EqualTo(errors));
    }

    [TestCase("deploy", "Deploy")]
    [TestCase("Deplyo", "Deploy")]
    [TestCase("Depoly", "Deploy")]
    [TestCase("Verfiy", "Verify")]
    [TestCase("provisionaks", "ProvisionAks")]
    [TestCase("ProvisionAkr", "ProvisionAks")]
    [TestCase("x", null)]
    [TestCase("Destroy", null)]
    public void The_nearest_name_is_one_that_can_be_meant(string typed, string? name)
    {
        Assert.That(NearestName.Of(typed, ["Verify", "ProvisionAks", "ProvisionAcr", "Deploy"]), Is.EqualTo(name));
    }
}
