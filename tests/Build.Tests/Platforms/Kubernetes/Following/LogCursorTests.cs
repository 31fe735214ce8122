using Ambrosia.Build.Platforms.Kubernetes.Following;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Following;

public sealed class LogCursorTests
{
    private const string First = "2026-03-04T05:06:07.100000001Z one";
    private const string Second = "2026-03-04T05:06:07.100000002Z two";
    private const string Third = "2026-03-04T05:06:09.5Z three";

    [Test]
    public void A_line_is_given_without_its_time() =>
        Assert.That(Read(new LogCursor(), First, "2026-03-04T05:06:08.1Z  indented and  spaced"), Is.EqualTo(new[] { "one", " indented and  spaced" }));

    [Test]
    public void Before_the_first_line_everything_is_read() => Assert.That(new LogCursor().Since, Is.Null);

    [Test]
    public void It_goes_on_in_whole_seconds_a_little_before_the_last_line()
    {
        var cursor = new LogCursor();
        Read(cursor, First, Third);

        Assert.That(cursor.Since, Is.EqualTo("2026-03-04T05:06:07Z"));
    }

    [Test]
    public void After_a_cut_each_line_still_comes_once()
    {
        var cursor = new LogCursor();
        Read(cursor, First, Second);
        cursor.Reattach();

        Assert.That(Read(cursor, First, Second, Third), Is.EqualTo(new[] { "three" }));
    }

    [Test]
    public void A_line_that_was_printed_twice_in_one_moment_comes_twice()
    {
        var cursor = new LogCursor();
        Read(cursor, First);
        cursor.Reattach();

        Assert.That(Read(cursor, First, First, Second), Is.EqualTo(new[] { "one", "two" }), "the first was read before, the second was not");
    }

    [Test]
    public void A_second_cut_repeats_nothing_either()
    {
        var cursor = new LogCursor();
        Read(cursor, First);
        cursor.Reattach();
        Read(cursor, First, Second);
        cursor.Reattach();

        Assert.That(Read(cursor, First, Second, Third), Is.EqualTo(new[] { "three" }));
    }

    [Test]
    public void A_late_line_of_the_other_stream_is_not_lost()
    {
        var cursor = new LogCursor();
        Read(cursor, Third);
        cursor.Reattach();

        Assert.That(Read(cursor, "2026-03-04T05:06:08.9Z of stderr", Third), Is.EqualTo(new[] { "of stderr" }));
    }

    [Test]
    public void What_the_kubelet_says_of_a_removed_container_is_no_line_of_it() =>
        Assert.That(Read(new LogCursor(), "unable to retrieve container logs for containerd://0123"), Is.Empty);

    [Test]
    public void A_line_without_a_time_is_given_as_it_is() => Assert.That(Read(new LogCursor(), "no time here"), Is.EqualTo(new[] { "no time here" }));

    [Test]
    public void A_long_log_is_not_kept()
    {
        var cursor = new LogCursor();
        for (var second = 0; second < 20_000; second++)
            cursor.Accept($"{new DateTimeOffset(2026, 3, 4, 0, 0, 0, TimeSpan.Zero).AddSeconds(second):yyyy-MM-dd'T'HH:mm:ss'Z'} line");
        cursor.Reattach();

        Assert.That(Read(cursor, "2026-03-04T00:00:00Z line"), Is.EqualTo(new[] { "line" }), "what lies long behind is not remembered");
    }

    private static string[] Read(LogCursor cursor, params string[] lines) => [.. lines.Select(cursor.Accept).OfType<string>()];
}
