using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class DockerCheckTests
{
    private static readonly ToolState Client = new(ToolRequirement.Docker, "28.2.2", null);

    [Test]
    public void Client_and_daemon_are_told_of() => Assert.That(
        Text(new DockerState(Client, "28.0.1", "linux/amd64", null)),
        Is.EqualTo("Good docker: 28.2.2 (20.10 or newer is needed)\nGood docker daemon 28.0.1: builds linux/amd64"));

    [Test]
    public void A_daemon_must_answer() => Assert.That(
        Text(new DockerState(Client, null, null, "Cannot connect to the Docker daemon")),
        Is.EqualTo(
            "Good docker: 28.2.2 (20.10 or newer is needed)\n"
            + "Error docker daemon: no daemon answers: Cannot connect to the Docker daemon\n"
            + "    fix: start Docker, or set DOCKER_HOST to a daemon that runs; or set images.public to a published image"));

    [Test]
    public void Its_processors_are_compared()
    {
        var other = DockerCheck.Judge(new DockerState(Client, "28", "linux/arm64", null), "linux/amd64")[^1];
        Assert.That((other.Severity, other.Text.Contains("exec format error", StringComparison.Ordinal)), Is.EqualTo((FindingSeverity.Warning, true)));
    }

    [Test]
    public void Without_a_client_there_is_no_word_of_a_daemon()
    {
        var missing = new ToolState(ToolRequirement.Docker, null, new BuildException(ErrorCode.ToolMissing, "docker is missing."));
        var old = new ToolState(ToolRequirement.Docker, "19.03.1", null);
        Assert.Multiple(() =>
        {
            Assert.That(DockerCheck.Judge(new DockerState(missing, null, null, "x"), "linux/amd64").Single().Text, Is.EqualTo("docker is missing."));
            Assert.That(DockerCheck.Judge(new DockerState(old, "19.03.1", "linux/amd64", null), "linux/amd64").Single().Severity, Is.EqualTo(FindingSeverity.Error));
        });
    }

    private static string Text(DockerState docker) =>
        string.Join('\n', DockerCheck.Judge(docker, "linux/amd64").Select(finding => $"{finding.Severity} {finding}"));
}
