using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Platforms.Local;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Cleaning;

public sealed class MachineTracesTests
{
    private TemporaryDirectory _directory = null!;
    private IDeferredRemoval _removal = null!;
    private StateDirectory _state = null!;
    private int _imageRemovals;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _removal = Substitute.For<IDeferredRemoval>();
        _imageRemovals = 0;
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(TestSettings.PerformanceTest);
        _state = new StateDirectory(settings, name => name == "XDG_STATE_HOME" ? _directory["state"] : null);
        File.WriteAllText(Path.Combine(_state.Ensure(), "kubeconfig"), "");
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task With_the_whole_deployment_go_images_state_and_artifacts()
    {
        await RemoveAsync(CleanScope.All);

        Assert.That(_imageRemovals, Is.EqualTo(1));
        Assert.That(_state.Path, Does.Not.Exist);
        _removal.Received(1).RemoveAtExit(_directory["artifacts"]);
    }

    [TestCase(CleanScope.Most)]
    [TestCase(CleanScope.Auth)]
    [TestCase(CleanScope.Logs)]
    public async Task A_smaller_scope_leaves_them(CleanScope scope)
    {
        await RemoveAsync(scope);

        Assert.That(_imageRemovals, Is.Zero);
        Assert.That(Path.Combine(_state.Path, "kubeconfig"), Does.Exist);
        Assert.That(_removal.ReceivedCalls(), Is.Empty);
    }

    /// <summary>Whoever has deleted the cluster could clean nothing any more.</summary>
    [Test]
    public async Task A_cluster_that_does_not_answer_is_no_dead_end()
    {
        var failure = await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.All, Dead));

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.StartWith("AMB5010: It does not answer.").And.Contain("output: connection refused").And.Contain("cause:  it is off"));
            Assert.That(failure.Remedy, Does.StartWith("start the cluster\n").And.Contain("./build.sh --target=Clean --scope=all --platform=local"));
            Assert.That(failure.Remedy, Does.Contain($"label=ambrosia-deployment={TestSettings.PerformanceTest.ServiceName} ").And.Contain(_state.Path));
            Assert.That(_imageRemovals, Is.Zero);
            Assert.That(_state.Path, Does.Exist);
        });
    }

    [Test]
    public async Task Without_a_state_directory_none_is_to_be_deleted()
    {
        Directory.Delete(_state.Path, recursive: true);

        Assert.That((await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.All, Dead)))!.Remedy, Does.Not.Contain(_state.Path));
    }

    [Test]
    public async Task A_smaller_scope_has_nothing_to_clean_on_this_machine() => Assert.That(
        (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.Logs, Dead)))!.Remedy, Is.EqualTo("start the cluster"));

    [Test]
    public async Task Another_failure_says_nothing_of_this_machine() => Assert.That(
        (await Assert.ThrowsAsync<BuildException>(() => CleanAsync(CleanScope.All, new BuildException(ErrorCode.ClusterForbidden, "no", remedy: "ask"))))!.Remedy,
        Is.EqualTo("ask"));

    private static BuildException Dead => new(ErrorCode.ClusterUnreachable, "It does not answer.", "it is off", "start the cluster", "connection refused");

    private Task RemoveAsync(CleanScope scope) => CleanAsync(scope, null);

    private Task CleanAsync(CleanScope scope, BuildException? failure)
    {
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(TestSettings.PerformanceTest);
        return new MachineTraces(settings, _state, new BuildPaths(_directory.Path), _removal, new RecordingConsole()).CleanAsync(
            scope,
            _ => failure is null ? Task.CompletedTask : Task.FromException(failure),
            _ =>
            {
                _imageRemovals++;
                return Task.FromResult(new StepOutcome("1 removed"));
            },
            default);
    }
}
