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

    public void WriteAbove(string text) => _terminal.Write(new Text(text + "\n"));

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
}
