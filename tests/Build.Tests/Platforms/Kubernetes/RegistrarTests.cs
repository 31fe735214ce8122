using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NSubstitute.ExceptionExtensions;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

/// <summary>What becomes of the container of a registration that did not end by itself.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RegistrarTests
{
    private readonly RecordingConsole _console = new();
    private readonly IProcessRunner _runner = Substitute.For<IProcessRunner>();

    [Test]
    public async Task A_container_that_is_removed_is_not_spoken_of()
    {
        Removal().Returns(new ProcessResult(0, "", "", TimeSpan.Zero));

        Assert.That((await FailureAsync()).What, Is.EqualTo("docker took too long."));
        Assert.That(_console.Lines, Is.Empty);
    }

    [Test]
    public async Task One_that_docker_does_not_remove_is_named_with_the_command_that_does()
    {
        Removal().Returns(new ProcessResult(1, "", "Cannot connect to the Docker daemon\n", TimeSpan.Zero));

        Assert.That((await FailureAsync()).What, Is.EqualTo("docker took too long."));
        Assert.That(_console.Text, Does.Match("may still run: Cannot connect to the Docker daemon\\. Remove it: docker rm --force ambrosia-register-perftestserver-[0-9a-f]{32}\n"));
    }

    [Test]
    public async Task A_clean_up_that_fails_does_not_hide_why_the_registration_did([Values] bool isTimeOut)
    {
        Exception second = isTimeOut ? new OperationCanceledException() : new BuildException(ErrorCode.ToolTimedOut, "docker rm took too long.");
        Removal().ThrowsAsync(second);

        Assert.That((await FailureAsync()).What, Is.EqualTo("docker took too long."));
        Assert.That(_console.Text, Does.Contain("may still run: docker ").And.Contain("docker rm --force ambrosia-register-perftestserver-"));
    }

    private Task<ProcessResult> Removal() => _runner.RunAsync(Arg.Is<ProcessRequest>(request => request.Arguments[0] == "rm"), Arg.Any<CancellationToken>());

    private async Task<BuildException> FailureAsync()
    {
        _runner.RunAsync(Arg.Is<ProcessRequest>(request => request.Arguments[0] == "run"), Arg.Any<CancellationToken>())
            .ThrowsAsync(new BuildException(ErrorCode.ToolTimedOut, "docker took too long."));
        var plan = new KubernetesPlan(
            Specs.Original, [.. ManifestBuilder.Build(Specs.Original).Select(item => new PlannedObject(item, null, ObjectAction.Create, "does not exist"))]);
        return (await Assert.ThrowsAsync<BuildException>(() => new Registrar(_runner, new SecretMask(), _console).RegisterAsync(plan, CancellationToken.None)))!;
    }
}
