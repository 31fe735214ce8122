using Ambrosia.Wire;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Wire;

public class RecordHeaderTests
{
    [TestCase("cc3179281a000000c7f179c2cb842ddaffffffffffffffff", 26, RecordHeader.Control)]
    [TestCase("cc3179281c000000928b3a1a92d960c90000000000000000", 28, 0)]
    public void Seen_headers_are_read_and_written_back(string hex, int size, long sequenceId)
    {
        var header = RecordHeader.Read(Convert.FromHexString(hex));
        var written = new byte[RecordHeader.Size];
        header.Write(written);

        Assert.That((header.TotalSize, header.PayloadSize, header.SequenceId), Is.EqualTo((size, size - 24, sequenceId)));
        Assert.That(Convert.ToHexStringLower(written), Is.EqualTo(hex));
    }
}
