using System.Text.Json;
using System.Text.Json.Serialization;
using Ambrosia.Build.Cli;

namespace Ambrosia.Build.Reporting;

/// <summary>Writes the report's files, and tells the CI system about them where there is one.</summary>
public sealed class ReportWriter(BuildPaths paths, ISecretMask mask, IBuildConsole console, Func<string, string?> environment)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A report that cannot be written is a warning: it must not make a failure of a run that succeeded.</summary>
    public void Write(ReportDocument document)
    {
        try
        {
            WriteFiles(document);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            console.Warning($"The report could not be written: {e.Message}");
        }
    }

    private void WriteFiles(ReportDocument document)
    {
        Directory.CreateDirectory(paths.Report);
        Save("report.json", JsonSerializer.Serialize(document, Json) + "\n");
        Save("report.html", HtmlReport.Render(document));
        var summary = MarkdownReport.Render(document);
        if (environment("GITHUB_STEP_SUMMARY") is { Length: > 0 } github)
            File.AppendAllText(github, mask.Mask(summary));
        if (environment("TF_BUILD") is { Length: > 0 })
        {
            // https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
            var path = Save("summary.md", summary);
            console.Line($"##vso[task.uploadsummary]{path}");
        }
    }

    private string Save(string name, string text)
    {
        var path = Path.Combine(paths.Report, name);
        File.WriteAllText(path, mask.Mask(text));
        return path;
    }
}
