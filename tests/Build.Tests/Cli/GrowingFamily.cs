using System.Globalization;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli;

/// <summary>
/// A shell script whose children start children without a pause. When one is killed while it starts another, that one belongs to init, and
/// nobody finds it from above any more.
/// </summary>
internal sealed class GrowingFamily : IDisposable
{
    private const int LimitMilliseconds = 60_000;

    private readonly TemporaryDirectory _directory = new();
    private readonly string? _program;

    /// <param name="program">Absolute path of the file that <see cref="Script"/> is put into; null where a shell gets it as an argument.</param>
    public GrowingFamily(string? program = null)
    {
        _program = program;
        File.CreateSymbolicLink(Child, "/bin/sleep");
    }

    /// <summary>For /bin/sh.</summary>
    public string Script =>
        $"grow() {{ i=0; while [ $i -lt 50 ]; do {Child} 600 & i=$((i+1)); done; wait; }}; for parent in 1 2 3 4; do grow & done; wait; true";

    /// <summary>A program that only this family runs.</summary>
    private string Child => _directory["child"];

    public void AwaitGrowth() => Assert.That(Living, Has.Count.GreaterThanOrEqualTo(10).After(LimitMilliseconds, 10));

    /// <summary>For good: what is just being started comes a moment later.</summary>
    public async Task AssertGoneAsync()
    {
        Assert.That(Living, Is.Empty.After(LimitMilliseconds, 10));
        for (var look = 0; look < 20; look++)
        {
            Assert.That(Living(), Is.Empty);
            await Task.Delay(10);
        }
    }

    /// <summary>Also ends what a failed test left.</summary>
    public void Dispose()
    {
        foreach (var id in Living())
            UnixSignals.Kill(id);
        _directory.Dispose();
    }

    private List<int> Living() => [.. Directory.EnumerateDirectories("/proc")
        .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id != 0 && IsOfFamily(id))];

    private bool IsOfFamily(int id)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{id}/cmdline");
            return line.Contains(Child, StringComparison.Ordinal) || (_program is not null && line.Contains(_program, StringComparison.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
