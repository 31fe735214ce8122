using System.Globalization;
using System.Net;
using System.Text;

namespace Ambrosia.Build.Reporting;

/// <summary>One file that needs nothing else: styles and plots are inside.</summary>
public static class HtmlReport
{
    private const string Style = """
        body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
        table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #d8dee4;padding:.3rem .7rem;text-align:left;vertical-align:top}
        td.n{text-align:right;font-variant-numeric:tabular-nums}.failed{color:#b42318}.succeeded{color:#1a7f37}
        pre{background:#f6f8fa;padding:1rem;overflow:auto}svg{max-width:100%;height:auto}code{font-size:.9em}
        """;

    public static string Render(ReportDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var state = document.Succeeded ? "succeeded" : "failed";
        var html = new StringBuilder();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>AMBROSIA run report</title>\n<style>\n")
            .Append(Style).Append("\n</style>\n");
        html.Append(
            CultureInfo.InvariantCulture,
            $"<h1>Run <span class=\"{state}\">{state}</span></h1>\n<p>Started {document.Started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, took {document.Seconds:0.0} s.</p>\n");
        if (document.Failure is { } failure)
            html.Append("<pre>").Append(Escape(failure)).Append("</pre>\n");
        AppendSteps(html, document.Steps);
        foreach (var run in document.Runs)
            AppendRun(html, run);
        AppendCalls(html, document.Calls);
        return html.Append("</html>\n").ToString();
    }

    private static void AppendSteps(StringBuilder html, IReadOnlyList<StepEntry> steps)
    {
        html.Append("<h2>Steps</h2>\n<table><tr><th>Step<th>Outcome<th>Seconds<th>What it did</tr>\n");
        foreach (var step in steps)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td>{Escape(step.Name)}<td class=\"{step.Outcome}\">{step.Outcome}<td class=\"n\">{step.Seconds:0.0}<td>{Escape(step.Decision)}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static void AppendRun(StringBuilder html, RunFigures run)
    {
        html.Append("<h2>").Append(Escape($"{run.Target}, run {run.Run}")).Append("</h2>\n");
        if (run.Rounds.Count > 0)
        {
            html.Append("<table><tr><th>Bytes per message<th>GiB/s</tr>\n");
            foreach (var round in run.Rounds)
            {
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<tr><td class=\"n\">{round.BytesPerMessage}<td class=\"n\">{Figures.GibPerSecond(round.GibPerSecond)}</tr>\n");
            }

            html.Append("</table>\n");
        }

        if (ThroughputPlot.Rounds(run.Rounds) is { } rounds)
            html.Append(rounds).Append('\n');
        if (ThroughputPlot.Course(run.Samples) is { } course)
            html.Append(course).Append('\n');
    }

    private static void AppendCalls(StringBuilder html, IReadOnlyList<CallEntry> calls)
    {
        if (calls.Count == 0)
            return;
        html.Append("<h2>Commands</h2>\n<table><tr><th>Command<th>Exit<th>Seconds</tr>\n");
        foreach (var call in calls)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<tr><td><code>{Escape(call.Command)}</code><td class=\"n\">{call.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "-"}<td class=\"n\">{call.Seconds:0.0}</tr>\n");
        }

        html.Append("</table>\n");
    }

    private static string Escape(string? text) => WebUtility.HtmlEncode(text ?? "");
}
