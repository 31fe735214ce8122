using Ambrosia.PerformanceTest.Job;
using NUnit.Framework;

namespace Ambrosia.App.Tests.PerformanceTest;

public class RoundsTests
{
    [Test]
    public void Sizes_halve_down_to_16_and_stay_there()
    {
        var random = 0UL;
        var rounds = new Rounds(14, 1 << 20, 65536, Descending: true);
        var sizes = new List<int> { 65536 };
        while (sizes.Count < 14) sizes.Add(rounds.NextSize(sizes[^1], ref random));

        Assert.That(sizes, Is.EqualTo(new[] { 65536, 32768, 16384, 8192, 4096, 2048, 1024, 512, 256, 128, 64, 32, 16, 16 }));
    }

    [Test]
    public void Random_sizes_are_powers_of_two_up_to_half_the_largest_and_the_same_for_the_same_state()
    {
        var rounds = new Rounds(1, 1 << 20, 65536, Descending: false);
        List<int> Draw()
        {
            var random = 0UL;
            return [.. Enumerable.Range(0, 1000).Select(_ => rounds.NextSize(65536, ref random))];
        }

        var first = Draw();
        var second = Draw();

        Assert.That(first.Distinct().Order(), Is.EqualTo(Enumerable.Range(4, 12).Select(exponent => 1 << exponent)));
        Assert.That(second, Is.EqualTo(first));
    }

    [TestCase(1 << 20, 65536)]
    [TestCase(1_000_000, 65536)]
    [TestCase(100, 65536)]
    [TestCase(1_000_003, 17)]
    public void Every_round_sends_exactly_its_bytes_whatever_the_size(long bytes, int size)
    {
        var rounds = new Rounds(1, bytes, size, true);
        var sizes = Enumerable.Range(0, (int)rounds.MessagesOf(size)).Select(index => rounds.SizeOf(index, size)).ToList();

        Assert.That(sizes.Sum(one => (long)one), Is.EqualTo(bytes));
        Assert.That(sizes.SkipLast(1), Is.All.EqualTo(size));
        Assert.That(sizes, Is.All.InRange(16, rounds.LargestPayload));
    }
}
