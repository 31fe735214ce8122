using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Reporting;

public sealed class ReportTests
{
    private static readonly ReportDocument Document = new(
        Succeeded: false,
        Failure: "AMB6001: Bytes received 1 of 2, 0 out of order: 1 bytes are missing.",
        Started: new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero),
        Seconds: 12.345,
        Steps: [new("Configure", "succeeded", "platform local (no AmbrosiaAKSConf.json)", 0.1), new("Verify", "failed", "a | b", 1)],
        Calls: [new("dotnet publish <app>", 0, 5.25), new("dotnet hangs", null, 1)],
        Runs: [new("Deploy", "r1", [new(65536, 0.25), new(32768, 0.125)], [new(0, 0), new(0.5, 1 << 20), new(1, 3 << 20)])]);

    [Test]
    public void Markdown_has_a_table_of_steps_and_one_of_rounds() => Golden.Verify("Reporting/Golden/report.md", MarkdownReport.Render(Document));

    [Test]
    public void Html_without_figures_is_as_it_was() => Golden.Verify("Reporting/Golden/report.html", HtmlReport.Render(Document with { Runs = [] }));

    [Test]
    public void Html_needs_no_other_file_and_holds_both_plots()
    {
        var html = HtmlReport.Render(Document);

        Assert.That(html.Split("<svg").Length - 1, Is.EqualTo(2));
        Assert.That(html, Does.Not.Contain("<?xml").And.Not.Contain("src=").And.Not.Contain("<link"));
        Assert.That(html, Does.Contain("dotnet publish &lt;app&gt;"));
    }

    [Test]
    public void Nothing_that_was_asked_for_is_no_report()
    {
        var report = new RunReport(new CommandJournal(), TimeProvider.System);

        Assert.That(report.IsWanted, Is.False);
    }

    [Test]
    public async Task A_step_tells_its_outcome_to_the_user_and_the_report()
    {
        var report = new RunReport(new CommandJournal(), TimeProvider.System);
        var console = new RecordingConsole();

        await new Steps(console, report, new ClosingLines(), new SecretMask()).RunAsync("Push", () => Task.FromResult(new StepOutcome("not needed on local")));
        report.AddStep("Push", "succeeded", TimeSpan.FromSeconds(1));

        Assert.That(console.Text, Is.EqualTo("Push: not needed on local\n"));
        Assert.That(report.IsWanted, Is.True);
        Assert.That(report.Close(true, null).Steps, Is.EqualTo(new[] { new StepEntry("Push", "succeeded", "not needed on local", 1) }));
    }

    [Test]
    public async Task A_closing_step_is_told_once_and_after_everything_else()
    {
        var report = new RunReport(new CommandJournal(), TimeProvider.System);
        var console = new RecordingConsole();
        var closing = new ClosingLines();
        var mask = new SecretMask();
        mask.Add("hunter2hunter2");

        await new Steps(console, report, closing, mask).CloseAsync("Proof", () => Task.FromResult(new StepOutcome("hunter2hunter2 held")));
        using var output = new StringWriter();
        closing.Print(output);

        Assert.That(console.Text, Does.Not.Contain("Proof"));
        Assert.That(output.ToString(), Does.Match(@"^Proof: \S+ held\r?\n$").And.Not.Contain("hunter2"));
    }

    [Test]
    public void Every_closing_line_is_printed_in_the_order_of_the_tasks()
    {
        var closing = new ClosingLines();
        closing.Add("Immortality: 6 kills survived");
        closing.Add("3 passed, 0 failed");
        using var output = new StringWriter { NewLine = "\n" };

        closing.Print(output);

        Assert.That(output.ToString(), Is.EqualTo("Immortality: 6 kills survived\n3 passed, 0 failed\n"));
    }

    [Test]
    public void A_report_that_cannot_be_written_is_a_warning()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory["artifacts"]);
        File.WriteAllText(directory["artifacts/report"], "a file where a directory should be");
        var console = new RecordingConsole();

        new ReportWriter(new BuildPaths(directory.Path), new SecretMask(), console, _ => null).Write(Document);

        Assert.That(console.Lines, Has.One.StartsWith("warning: The report could not be written: "));
    }

    [Test]
    public void Without_a_closing_step_nothing_is_added()
    {
        using var output = new StringWriter();

        new ClosingLines().Print(output);

        Assert.That(output.ToString(), Is.Empty);
    }

    [Test]
    public void Files_are_written_with_secrets_masked_and_the_summary_goes_to_github()
    {
        using var directory = new TemporaryDirectory();
        var mask = new SecretMask();
        mask.Add("s3cr3t-v4lue");
        var summary = directory["summary"];
        var writer = new ReportWriter(
            new BuildPaths(directory.Path), mask, new RecordingConsole(), name => name == "GITHUB_STEP_SUMMARY" ? summary : null);

        writer.Write(Document with { Failure = "the key was s3cr3t-v4lue" });

        var texts = Directory.GetFiles(directory["artifacts/report"]).Append(summary).Select(File.ReadAllText).ToList();
        Assert.That(texts, Has.Count.EqualTo(3));
        Assert.That(texts, Is.All.Contains("the key was ***"));
    }

    [Test]
    public void On_azure_pipelines_the_summary_is_uploaded()
    {
        using var directory = new TemporaryDirectory();
        var console = new RecordingConsole();

        new ReportWriter(new BuildPaths(directory.Path), new SecretMask(), console, name => name == "TF_BUILD" ? "True" : null).Write(Document);

        Assert.That(console.Lines.Single(), Is.EqualTo("##vso[task.uploadsummary]" + directory["artifacts/report/summary.md"]));
    }
}
