using System.Text;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Cake.Core.Tooling;
using NSubstitute;
using NUnit.Framework;
using ProcessRunner = Ambrosia.Build.Cli.ProcessRunner;

namespace Ambrosia.Build.Tests.Cli;

/// <summary>A known secret is put in at every entrance of the runner, and must come out at none.</summary>
[Platform("Unix")]
public sealed class SentinelTests
{
    private const string Sentinel = "SENTINEL-4f\"9c'2e/7+b1&d0";

    private static readonly string Base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Sentinel));

    [Test]
    public async Task A_secret_comes_out_nowhere()
    {
        var log = new RecordingLog();
        var journal = new CommandJournal();
        var streamed = new List<string>();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var runner = new ProcessRunner(log, Substitute.For<IToolLocator>(), new SecretMask(), journal, TimeProvider.System);
        var request = new ProcessRequest(
            "/bin/sh",
            [
                "-c",
                "echo \"marker argument $1\"; echo \"marker environment $PLANTED\"; printf 'marker input '; cat; echo; echo \"marker base64 $2\"; "
                    + "echo \"marker error $1\" >&2; exit 9",
                "sh",
                Sentinel,
                Base64,
            ])
        {
            StandardInput = Sentinel,
            Environment = new Dictionary<string, string?> { ["PLANTED"] = Sentinel },
            Secrets = [Sentinel],
            OnOutputLine = streamed.Add,
            OnErrorLine = streamed.Add,
        };

        var failure = (await Assert.ThrowsAsync<BuildException>(() => runner.RunAsync(request, deadline.Token)))!;
        var timeout = (await Assert.ThrowsAsync<BuildException>(() => runner.RunAsync(
            request with { Arguments = ["-c", "echo \"$PLANTED\" >&2; exec sleep 600"], Timeout = TimeSpan.FromMilliseconds(500) }, deadline.Token)))!;
        var missing = (await Assert.ThrowsAsync<BuildException>(() => runner.RunAsync(
            request with { WorkingDirectory = "/nowhere/" + Sentinel }, deadline.Token)))!;

        string[] surfaces =
        [
            .. log.Entries, .. streamed, .. journal.Records.Select(record => record.CommandLine), failure.ToString(), timeout.ToString(), missing.ToString(),
        ];
        Assert.Multiple(() =>
        {
            foreach (var form in new[] { Sentinel, Base64, Uri.EscapeDataString(Sentinel), ShellLine.Quote(Sentinel, windows: false)[1..^1], "SENTINEL-4f" })
                Assert.That(surfaces, Has.None.Contains(form));

            // The lines themselves were written: a mask that swallowed them would pass as well.
            Assert.That(streamed, Is.EquivalentTo(new[]
            {
                "marker argument ***", "marker environment ***", "marker input ***", "marker base64 ***", "marker error ***", "***",
            }));
            Assert.That(failure.Message, Does.Contain("output: marker error ***"));
            Assert.That(log.Entries, Has.Some.StartsWith("PLANTED=*** /bin/sh -c ").And.Some.EndsWith("sh *** ***  # with 25 characters on standard input"));
        });
    }

    [Test]
    public async Task The_caller_gets_the_output_as_it_was()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var runner = new ProcessRunner(new RecordingLog(), Substitute.For<IToolLocator>(), new SecretMask(), new CommandJournal(), TimeProvider.System);
        var result = await runner.RunAsync(new ProcessRequest("/bin/cat", []) { StandardInput = Sentinel, Secrets = [Sentinel] }, deadline.Token);
        Assert.That(result.StandardOutput, Is.EqualTo(Sentinel));
    }
}
