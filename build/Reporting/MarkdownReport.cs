using System.Globalization;
using System.Text;

namespace Ambrosia.Build.Reporting;

/// <summary>The summary that CI systems show on a run's page.</summary>
public static class MarkdownReport
{
    public static string Render(ReportDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"## AMBROSIA: {(document.Succeeded ? "succeeded" : "failed")} in {document.Seconds:0.0} s\n\n");
        if (document.Failure is { } failure)
            text.Append("```\n").Append(failure).Append("\n```\n\n");
        text.Append("| step | outcome | seconds | what it did |\n|---|---|---:|---|\n");
        foreach (var step in document.Steps)
            text.Append(CultureInfo.InvariantCulture, $"| {step.Name} | {step.Outcome} | {step.Seconds:0.0} | {Cell(step.Decision)} |\n");
        foreach (var run in document.Runs.Where(run => run.Rounds.Count > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {run.Target}, run {run.Run}\n\n| bytes per message | GiB/s |\n|---:|---:|\n");
            foreach (var round in run.Rounds)
                text.Append(CultureInfo.InvariantCulture, $"| {round.BytesPerMessage} | {Figures.GibPerSecond(round.GibPerSecond)} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Cell(string? text) => (text ?? "").ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
