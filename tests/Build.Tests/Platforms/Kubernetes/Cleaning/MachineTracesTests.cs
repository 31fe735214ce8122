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

    private Task RemoveAsync(CleanScope scope) => new MachineTraces(_state, new BuildPaths(_directory.Path), _removal, new RecordingConsole())
        .RemoveAsync(
            scope,
            _ =>
            {
                _imageRemovals++;
                return Task.FromResult(new StepOutcome("1 removed"));
            },
            default);
}
