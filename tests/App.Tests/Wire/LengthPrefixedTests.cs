using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Wire;

public class LengthPrefixedTests
{
    [TestCase("00", "", "")]
    [TestCase("0461620a", "6162", "0a")]
    [TestCase("8000", "", "")]
    public void A_field_is_taken_in_place(string hex, string field, string rest)
    {
        ReadOnlySpan<byte> source = Convert.FromHexString(hex);

        Assert.That(LengthPrefixed.TryRead(ref source, out var bytes), Is.True);
        Assert.That((Convert.ToHexStringLower(bytes), Convert.ToHexStringLower(source)), Is.EqualTo((field, rest)));
    }

    [TestCase("")]
    [TestCase("80")]
    [TestCase("0461")]
    [TestCase("0161")]
    [TestCase("feffffff0f61")]
    [TestCase("ffffffffffff")]
    public void A_field_that_does_not_lie_within_its_source_is_left_there(string hex)
    {
        ReadOnlySpan<byte> source = Convert.FromHexString(hex);

        Assert.That(LengthPrefixed.TryRead(ref source, out var bytes), Is.False);
        Assert.That((bytes.Length, Convert.ToHexStringLower(source)), Is.EqualTo((0, hex)));
    }
}
