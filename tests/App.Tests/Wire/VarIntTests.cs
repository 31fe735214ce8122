using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Wire;

public class VarIntTests
{
    [TestCase(0, "00")]
    [TestCase(-1, "01")]
    [TestCase(1, "02")]
    [TestCase(2, "04")]
    [TestCase(5, "0a")]
    [TestCase(63, "7e")]
    [TestCase(64, "8001")]
    [TestCase(300, "d804")]
    [TestCase(65536, "808008")]
    [TestCase(int.MaxValue, "feffffff0f")]
    [TestCase(int.MinValue, "ffffffff0f")]
    public void Numbers_have_their_documented_bytes(int value, string hex)
    {
        var bytes = new byte[VarInt.MaxBytes64];

        Assert.That(Convert.ToHexStringLower(bytes, 0, VarInt.Write(bytes, value)), Is.EqualTo(hex));
        Assert.That(Convert.ToHexStringLower(bytes, 0, VarInt.Write(bytes, (long)value)), Is.EqualTo(hex));
        Assert.That((VarInt.Size(value), VarInt.Size((long)value)), Is.EqualTo((hex.Length / 2, hex.Length / 2)));
        Assert.That((VarInt.TryRead(Convert.FromHexString(hex), out int read), read), Is.EqualTo((hex.Length / 2, value)));
        Assert.That((VarInt.TryRead(Convert.FromHexString(hex), out long wide), wide), Is.EqualTo((hex.Length / 2, (long)value)));
    }

    [TestCase(long.MaxValue, "feffffffffffffffff01")]
    [TestCase(long.MinValue, "ffffffffffffffffff01")]
    [TestCase(1L << 40, "808080808040")]
    public void Long_numbers_come_back_as_they_were(long value, string hex)
    {
        var bytes = new byte[VarInt.MaxBytes64];
        var written = VarInt.Write(bytes, value);

        Assert.That(VarInt.TryRead(bytes.AsSpan(0, written), out long read), Is.EqualTo(written).And.EqualTo(VarInt.Size(value)));
        Assert.That(read, Is.EqualTo(value));
        Assert.That(Convert.ToHexStringLower(bytes, 0, written), Is.EqualTo(hex));
    }

    [Test]
    public void The_size_is_that_of_what_is_written_around_every_change_of_length([Range(0, 63)] int bits)
    {
        var bytes = new byte[VarInt.MaxBytes64];
        foreach (var value in (long[])[1L << bits, (1L << bits) - 1, -(1L << bits), -(1L << bits) - 1])
        {
            Assert.That(VarInt.Size(value), Is.EqualTo(VarInt.Write(bytes, value)), $"{value}");
        }
    }

    [TestCase("ffffffff1f")]
    [TestCase("ffffffff7f")]
    public void Bits_beyond_32_are_dropped(string hex) =>
        Assert.That((VarInt.TryRead(Convert.FromHexString(hex), out int value), value), Is.EqualTo((5, int.MinValue)));

    [Test]
    public void A_number_that_is_not_complete_yet_is_told_from_one_that_never_ends()
    {
        Assert.That(VarInt.TryRead([], out int _), Is.Zero);
        Assert.That(VarInt.TryRead([0x80, 0x80], out int _), Is.Zero);
        Assert.That(VarInt.TryRead([0x80, 0x80, 0x80, 0x80, 0x80, 0x00], out int _), Is.EqualTo(-1));
        Assert.That(VarInt.TryRead(Enumerable.Repeat((byte)0x80, 9).ToArray(), out long _), Is.Zero);
        Assert.That(VarInt.TryRead(Enumerable.Repeat((byte)0xFF, 11).ToArray(), out long _), Is.EqualTo(-1));
    }
}
