using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Ambrosia.EndToEnd.Tests.Pipeline;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>A first run and a Clean with each way that has a password: no secret that Azure gave out shows where others could read it.</summary>
[Platform("Linux")]
public sealed class SecretTests
{
    [TestCase("token", "acr token credential generate")]
    [TestCase("servicePrincipal", "ad app credential reset")]
    public async Task No_secret_is_an_argument_a_line_or_a_file(string auth, string command)
    {
        await using var deployment = await Deployment.StartAsync();
        deployment.Plant("assignment");
        await deployment.StartKubernetesAsync();
        deployment.Azure = deployment.Azure with { Registry = deployment.Azure.Registry with { Auth = auth } };
        var scan = new SentinelScan();
        IReadOnlyList<string> arguments;
        string console;
        await using (var watch = ArgumentWatch.Start())
        {
            var first = await deployment.ProvisionAsync();
            var deploy = deployment.Begin("Deploy");
            await deploy.DeployAsync();
            // The kubeconfig is what it is kept for: a file for the user alone, with the key of the cluster.
            var files = Directory.EnumerateFiles(deployment.StateDirectory, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "kubeconfig").ToList();
            Assert.That(files, Is.Not.Empty);
            foreach (var file in files)
                scan.Text(Path.GetFileName(file), await File.ReadAllTextAsync(file), deployment.Emulator.Secrets.Values);
            var clean = deployment.Begin("Clean");
            await clean.CleanAsync(CleanScope.All);
            arguments = watch.CommandLines;
            console = first.Console.Text + deploy.Console.Text + clean.Console.Text;
        }

        var secrets = deployment.Emulator.Secrets.Values;
        var commands = string.Join('\n', deployment.Journal.Records.Select(record => record.CommandLine));
        scan.Text("argument lists", string.Join('\n', arguments), secrets);
        scan.Text("console", console, secrets);
        scan.Text("journal", commands, secrets);
        scan.Text("report", MarkdownReport.Render(new ReportDocument(
            true, null, DateTimeOffset.UnixEpoch, 1, [], [.. deployment.Journal.Records.Select(record => new CallEntry(record.CommandLine, record.ExitCode, 1))], [])), secrets);
        Assert.Multiple(() =>
        {
            Assert.That(arguments, Has.Some.Contains(command), "the watch has seen it");
            Assert.That(commands, Does.Contain(command));
            Assert.That(console, Does.Contain("nothing of this scope remains"));
            Assert.That(secrets, Has.Count.GreaterThan(3));
            Assert.That(scan.Findings, Is.Empty);
        });
    }
}
