using System.Globalization;
using Ambrosia.Build.Cli;
using Cake.Core;
using Cake.Core.Diagnostics;
using Spectre.Console;

namespace Ambrosia.Build.Reporting;

/// <inheritdoc cref="IBuildConsole"/>
public sealed class BuildConsole(
    ICakeLog log, IConsole console, Lazy<IAnsiConsole> terminal, TerminalCapabilities capabilities, ISecretMask mask, TimeProvider time,
    Announcements announcements) : IBuildConsole
{
    private readonly Lock _gate = new();

    public bool IsLive => capabilities.Live;

    public void Line(string text) => Write(LogLevel.Information, text);

    public void Event(string text) =>
        Write(LogLevel.Information, capabilities.Live ? text : string.Create(CultureInfo.InvariantCulture, $"{time.GetLocalNow():HH:mm:ss} {text}"));

    public void Warning(string text) => Write(LogLevel.Warning, text);

    public void Error(string text) => Write(LogLevel.Error, text);

    public IThroughputView ShowThroughput()
    {
        // Above Normal the process runner and Cake write to the log themselves, and would tear a live table.
        if (!capabilities.Live || log.Verbosity != Verbosity.Normal)
            return new PlainThroughputView(Event, time);
        var live = new LiveThroughputView(terminal.Value, ended: () => announcements.Above = null);
        announcements.Above = live.WriteAbove;
        return live;
    }

    private void Write(LogLevel level, string text)
    {
        var masked = mask.Mask(text);
        lock (_gate)
        {
            // Cake's log writes to the console behind Spectre's back and would tear a live table.
            if (announcements.Above is { } writeAbove && log.Verbosity >= Verbosity.Normal)
                writeAbove(masked);
            else if (level <= LogLevel.Warning)
                log.Write(Verbosity.Minimal, level, "{0}", masked);
            else
                WritePlain(masked);
        }
    }

    /// <summary>Cake's log paints each line where it believes in colours, in CI for instance; what others may look for stays as it is.</summary>
    private void WritePlain(string text)
    {
        if (log.Verbosity >= Verbosity.Normal)
            console.WriteLine("{0}", text);
    }
}
