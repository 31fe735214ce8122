using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ambrosia.Build.Reporting;

/// <summary>A table that is redrawn in place. Spectre keeps it below everything that is written through the same console.</summary>
public sealed class LiveThroughputView : IThroughputView
{
    private readonly IAnsiConsole _terminal;
    private readonly Action _ended;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<LiveDisplayContext> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _display;

    public LiveThroughputView(IAnsiConsole terminal, Action ended)
    {
        _terminal = terminal;
        _ended = ended;
        _display = terminal.Live(new Text("")).AutoClear(false).StartAsync(async context =>
        {
            _ready.SetResult(context);
            await _over.Task;
        });
    }

    public void Update(ThroughputSnapshot snapshot)
    {
        if (_ready.Task is { IsCompletedSuccessfully: true, Result: var context })
            context.UpdateTarget(Render(snapshot));
    }

    public void WriteAbove(string text) => _terminal.Write(new LineAbove(text));

    public void Dispose()
    {
        _over.TrySetResult();
        _display.GetAwaiter().GetResult();
        _ended();
    }

    internal static IRenderable Render(ThroughputSnapshot snapshot)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn(new TableColumn("Bytes per message").RightAligned())
            .AddColumn(new TableColumn("GiB/s").RightAligned());
        foreach (var row in snapshot.Rows)
            table.AddRow(row.BytesPerMessage.ToString(CultureInfo.InvariantCulture), Figures.GibPerSecond(row.GibPerSecond));
        return new Rows(table, new Text(ProgressText.Of(snapshot)));
    }

    /// <summary>
    /// A line that takes the place of the table's first one. Spectre moves the cursor up without erasing, so what the line does not
    /// cover must be erased here.
    /// </summary>
    private sealed class LineAbove(string text) : Renderable
    {
        private const string EraseToEndOfLine = "\e[K";

        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
            {
                yield return new Segment(line);
                if (options.Ansi)
                    yield return Segment.Control(EraseToEndOfLine);
                yield return Segment.LineBreak;
            }
        }
    }
}
