using System.Globalization;

namespace Ambrosia.Build.Reporting;

/// <summary>For logs and pipes: a line when a round is over, and a progress line every few seconds.</summary>
public sealed class PlainThroughputView(Action<string> write, TimeProvider time) : IThroughputView
{
    private static readonly TimeSpan BetweenProgressLines = TimeSpan.FromSeconds(5);

    private readonly List<ThroughputRow> _shown = [];
    private long _lastProgress = time.GetTimestamp();

    public void Update(ThroughputSnapshot snapshot)
    {
        for (var i = 0; i < snapshot.Rows.Count; i++)
        {
            if (i < _shown.Count)
                continue; // a replayed round repeats its line; the first one stands
            var row = snapshot.Rows[i];
            _shown.Add(row);
            write(string.Create(
                CultureInfo.InvariantCulture,
                $"Round {i + 1} of {snapshot.Rounds}: {row.BytesPerMessage,6} bytes per message, {Figures.GibPerSecond(row.GibPerSecond)} GiB/s"));
        }

        if (time.GetElapsedTime(_lastProgress) < BetweenProgressLines)
            return;
        _lastProgress = time.GetTimestamp();
        write(ProgressText.Of(snapshot));
    }

    public void Dispose()
    {
    }
}
