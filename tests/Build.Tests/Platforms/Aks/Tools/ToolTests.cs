using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Tools;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Reporting;
using Cake.Core.IO;
using Cake.Core.Tooling;
using NSubstitute;
using NUnit.Framework;
using Path = System.IO.Path;

namespace Ambrosia.Build.Tests.Platforms.Aks.Tools;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ToolTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [TestCase("v1.31.0-eks-5da", 1, 31, 0)]
    [TestCase("20.10.24+dfsg1", 20, 10, 24)]
    [TestCase("2.45.0", 2, 45, 0)]
    [TestCase("28.2", 28, 2, -1)]
    public void A_version_is_the_numbers_at_the_beginning(string text, int major, int minor, int build)
    {
        var version = ToolState.ParseVersion(text)!;
        Assert.That((version.Major, version.Minor, version.Build), Is.EqualTo((major, minor, build)));
    }

    [TestCase(null)]
    [TestCase("dev")]
    [TestCase("2")]
    public void What_is_no_version_is_not_refused(string? text) =>
        Assert.That(new ToolState(ToolRequirement.Az, text, null).Problem(), Is.Null);

    [TestCase("1.31.0", false)]
    [TestCase("1.30.9", true)]
    [TestCase("1.20.2", true)]
    public void A_tool_that_is_too_old_is_refused_with_the_way_to_a_newer(string version, bool isRefused)
    {
        var problem = new ToolState(ToolRequirement.Kubectl, version, null).Problem();
        Assert.That(problem?.Code, Is.EqualTo(isRefused ? ErrorCode.ToolTooOld : (ErrorCode?)null));
        if (problem is not null)
            Assert.That(problem.Message, Does.StartWith($"AMB2004: kubectl {version} is too old: 1.31 is needed.").And.Contains("kubernetes.io"));
    }

    [Test]
    public async Task The_version_of_az_is_remembered_until_its_executable_changes()
    {
        await File.WriteAllTextAsync(_directory["az"], "first");
        Assert.That(await AskAzAsync(AzVersion("2.45.0")), Is.EqualTo("2.45.0"));
        Assert.That(await AskAzAsync(), Is.EqualTo("2.45.0"));

        await File.WriteAllTextAsync(_directory["az"], "second, and longer");
        Assert.That(await AskAzAsync(AzVersion("2.77.0")), Is.EqualTo("2.77.0"));
        Assert.That(await AskAzAsync(), Is.EqualTo("2.77.0"));
    }

    [Test]
    public async Task Docker_tells_of_client_and_daemon_in_one_call()
    {
        using var runner = new ScriptedProcessRunner(Docker("""{"Client":{"Version":"20.10.24"},"Server":{"Version":"20.10.24","Os":"linux","Arch":"arm64"}}"""));
        var docker = await Tools(runner).DockerAsync(default);
        Assert.That((docker.Client.Version, docker.DaemonVersion, docker.DaemonPlatform), Is.EqualTo(("20.10.24", "20.10.24", "linux/arm64")));
    }

    [Test]
    public async Task A_docker_without_a_daemon_still_has_a_version()
    {
        using var runner = new ScriptedProcessRunner(Docker("""{"Client":{"Version":"28.2.2"},"Server":null}""") with
        {
            ExitCode = 1,
            Error = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n",
        });
        var docker = await Tools(runner).DockerAsync(default);
        Assert.That((docker.Client.Version, docker.Client.Problem(), docker.DaemonPlatform), Is.EqualTo(("28.2.2", (BuildException?)null, (string?)null)));
        Assert.That(docker.DaemonFailure, Does.StartWith("Cannot connect"));
    }

    [TestCase(true, "Doctor")]
    [TestCase(true, "Configure")]
    [TestCase(true, "Configure", "ProvisionStorage", "ProvisionAcr", "ProvisionAks", "BuildImages", "Push", "Deploy")]
    [TestCase(false, "Configure", "ProvisionStorage", "ProvisionAcr", "ProvisionAks")]
    [TestCase(false, "Deploy")]
    public void Docker_is_needed_where_images_are_built(bool expected, params string[] tasks) =>
        Assert.That(DockerCheck.IsNeeded(AksSettings.Load, new RunScope(tasks)), Is.EqualTo(expected));

    [Test]
    public void The_original_runtime_needs_docker_to_register_and_a_public_image_does_not()
    {
        var settings = AksSettings.Load.WithPublicImage();
        Assert.That(DockerCheck.IsNeeded(settings, new RunScope(["Doctor"])), Is.False);
        Assert.That(DockerCheck.IsNeeded(settings with { Runtime = RuntimeKind.Ambrosia }, new RunScope(["Deploy"])), Is.True);
    }

    private static ScriptedCommand AzVersion(string version) =>
        new("az", "version", "--only-show-errors", "--output", "json") { Output = $$"""{"azure-cli":"{{version}}"}""" };

    private static ScriptedCommand Docker(string output) => new("docker", "version", "--format", "{{json .}}") { Output = output };

    private async Task<string?> AskAzAsync(params ScriptedCommand[] script)
    {
        using var runner = new ScriptedProcessRunner(script);
        return (await Tools(runner).AzAsync(default)).Version;
    }

    private AksTools Tools(ScriptedProcessRunner runner)
    {
        var locator = Substitute.For<IToolLocator>();
        locator.Resolve(Arg.Any<IEnumerable<string>>()).Returns(new FilePath(_directory["az"]));
        var state = new StateDirectory(AksSettings.Provider(), name => name == "XDG_STATE_HOME" ? Path.Combine(_directory.Path, "state") : null);
        return new AksTools(new AzCli(runner), new DockerCli(runner, state), runner, locator, state);
    }
}
