using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Local;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

/// <summary>What Doctor finds out of the way into the nodes.</summary>
public sealed class ImageLoaderTests
{
    [Test]
    public async Task Doctor_asks_k3s_as_a_load_would()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet"));

        Assert.That(await DiagnoseAsync(runner, "k3s"), Is.EqualTo("Good images on the nodes of k3s: sudo -n k3s ctr images ls --quiet lists them"));
    }

    [Test]
    public async Task What_sudo_refuses_is_told_before_anything_is_built()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet") { ExitCode = 1, Error = "sudo: a password is required\n" });

        Assert.That(await DiagnoseAsync(runner, "k3s"), Is.EqualTo(
            "Error images on the nodes of k3s: sudo -n k3s ctr images ls --quiet fails: k3s lets root alone see its images, and sudo does not run it here without a password\n"
            + "    fix: let sudo do that; or load it yourself (docker save perftest:TAG | sudo k3s ctr images import -) and set kubernetes.imageLoader to none; "
            + "or set kubernetes.registry"));
    }

    [Test]
    public async Task Without_sudo_the_same_ways_are_open()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet") { Throws = new BuildException(ErrorCode.ToolMissing, "sudo was not found.") });

        Assert.That(await DiagnoseAsync(runner, "k3s"), Does.StartWith("Error ").And.Contain("kubernetes.imageLoader to none"));
    }

    [Test]
    public async Task A_tool_that_is_missing_is_named_with_where_to_get_it()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("minikube", "image", "ls", "--profile", "minikube")
            {
                Throws = new BuildException(ErrorCode.ToolMissing, "minikube was not found.", remedy: "install minikube"),
            });

        Assert.That(await DiagnoseAsync(runner, "minikube"), Is.EqualTo("Error images on the nodes of minikube: minikube was not found.\n    fix: install minikube"));
    }

    [Test]
    public async Task What_the_tool_says_last_is_shown_where_it_is_not_known()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("minikube", "image", "ls", "--profile", "minikube") { ExitCode = 85, Error = "\n* Profile \"minikube\" not found.\n" });

        Assert.That(await DiagnoseAsync(runner, "minikube"), Does.StartWith(
            "Error images on the nodes of minikube: minikube image ls --profile minikube fails: * Profile \"minikube\" not found.\n    fix: "));
    }

    [TestCase("kind-demo")]
    [TestCase("docker-desktop")]
    public async Task What_has_no_list_is_not_asked(string context)
    {
        using var runner = new ScriptedProcessRunner();

        Assert.That(await DiagnoseAsync(runner, context), Is.Empty);
    }

    /// <summary>Root's process takes no signal of ours.</summary>
    [Test]
    public async Task What_sudo_runs_when_we_end_is_told_to_go_on([Values] bool isTimeOut)
    {
        Exception end = isTimeOut ? new BuildException(ErrorCode.ToolTimedOut, "sudo took too long.") : new OperationCanceledException();
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet") { Throws = end });
        var console = new RecordingConsole();

        Assert.That(async () => await DiagnoseAsync(runner, "k3s", console), Throws.Exception.SameAs(end));
        Assert.That(console.Lines, Is.EqualTo(new[]
        {
            "warning: sudo -n k3s ctr images ls --quiet runs as root and may go on; it ends by itself, and running it again does no harm.",
        }));
    }

    private static async Task<string> DiagnoseAsync(ScriptedProcessRunner runner, string context, RecordingConsole? console = null)
    {
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(TestSettings.PerformanceTest);
        var state = new StateDirectory(settings, _ => null);
        var loader = new ImageLoader(runner, new DockerCli(runner, state), state, console ?? new RecordingConsole()) { IsRoot = false };
        var findings = await loader.DiagnoseAsync(NodeLoader.Of(context)!, "perftest", CancellationToken.None);
        return string.Join('\n', findings.Select(finding => $"{finding.Severity} {finding}"));
    }
}
