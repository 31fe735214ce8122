using Ambrosia.Build.Reporting;
using NUnit.Framework;
using Spectre.Console.Testing;

namespace Ambrosia.Build.Tests.Reporting;

public sealed class ThroughputViewTests
{
    private readonly List<string> _lines = [];

    [SetUp]
    public void SetUp() => _lines.Clear();

    [Test]
    public void Without_a_terminal_rounds_and_progress_are_lines()
    {
        var time = new ManualTime();
        using var view = new PlainThroughputView(_lines.Add, time);

        view.Update(Snapshot(100, null));
        view.Update(Snapshot(200, null, new ThroughputRow(65536, 0.25)));
        time.Advance(TimeSpan.FromSeconds(6));
        view.Update(Snapshot(768, 128 << 20, new ThroughputRow(65536, 0.25), new ThroughputRow(32768, 0.125)));
        view.Update(Snapshot(769, 128 << 20, new ThroughputRow(65536, 0.5), new ThroughputRow(32768, 0.125)));

        Golden.Verify("Reporting/Golden/plain-throughput.txt", string.Join('\n', _lines) + "\n");
    }

    [Test]
    public void Progress_says_how_long_it_will_take() =>
        Assert.That(
            ProgressText.Of(Snapshot(768, 128 << 20)),
            Is.EqualTo("Received 768 MiB of 1536 MiB (50 %), 128.0 MiB/s, 0:12 elapsed, 0:06 to go"));

    [Test]
    public void A_line_above_the_live_table_leaves_nothing_of_the_table_beside_it()
    {
        using var terminal = new TestConsole().Interactive().EmitAnsiSequences();
        using (var view = new LiveThroughputView(terminal, () => { }))
        {
            view.Update(Snapshot(100, null));
            view.WriteAbove("short");
        }

        Assert.That(terminal.Output, Does.Contain("short\e[K\n"));
    }

    [Test]
    public void What_is_announced_goes_above_the_table_while_there_is_one_and_else_to_standard_error()
    {
        using var error = new StringWriter();
        var announcements = new Announcements(error);

        announcements.Above = _lines.Add;
        announcements.Tell("Cancelled");
        announcements.Above = null;
        announcements.Tell("Cancelled again");

        Assert.That(_lines, Is.EqualTo(new[] { "Cancelled" }));
        Assert.That(error.ToString(), Is.EqualTo("Cancelled again" + Environment.NewLine));
    }

    private static ThroughputSnapshot Snapshot(int mebibytes, double? rate, params ThroughputRow[] rows) =>
        new(rows, 6, (long)mebibytes << 20, 1536L << 20, rate, TimeSpan.FromSeconds(12));

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
