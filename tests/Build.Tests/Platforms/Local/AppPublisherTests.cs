using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Local;

/// <summary>Publishing with a compiler that only writes the programs' names.</summary>
[CancelAfter(20_000)]
public sealed class AppPublisherTests
{
    private TemporaryDirectory _directory = null!;
    private BuildPaths _paths = null!;
    private RunStore _store = null!;
    private IProcessRunner _runner = null!;
    private IProcessTable _processes = null!;
    private RecordingConsole _console = null!;
    private AppPublisher _publisher = null!;
    private int _compiles;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _paths = new BuildPaths(_directory.Path);
        _store = new RunStore(_paths, TimeProvider.System);
        _runner = Substitute.For<IProcessRunner>();
        _processes = Substitute.For<IProcessTable>();
        _console = new RecordingConsole();
        _compiles = 0;
        _runner.RunAsync(Arg.Any<ProcessRequest>(), Arg.Any<CancellationToken>()).Returns(call => Compile(call.Arg<ProcessRequest>()));
        _publisher = new AppPublisher(_paths, new AppInputs(_paths), _runner, _console, TimeProvider.System, _store, _processes);
        Change("one");
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task It_is_published_once_for_one_state_of_the_sources(CancellationToken cancellation)
    {
        var first = await _publisher.PublishAsync(cancellation);
        var second = await _publisher.PublishAsync(cancellation);
        Change("two");
        var third = await _publisher.PublishAsync(cancellation);

        Assert.That(_compiles, Is.EqualTo(2));
        Assert.That(first.Summary, Does.EndWith("not published yet"));
        Assert.That(second.Summary, Does.StartWith("unchanged"));
        Assert.That(third.Summary, Does.Contain("inputs changed"));
        Assert.That(File.ReadAllText(Path.Combine(_paths.PublishedApp, Program("Job"))), Is.EqualTo("two"));
    }

    [Test]
    public async Task Nothing_is_replaced_under_a_run_that_lives(CancellationToken cancellation)
    {
        await _publisher.PublishAsync(cancellation);
        var run = WriteRun();
        _processes.IsAlive(run.Suite).Returns(true);

        Assert.That((await _publisher.PublishAsync(cancellation)).Summary, Does.StartWith("unchanged"));
        Change("two");
        var error = (await Assert.ThrowsAsync<BuildException>(() => _publisher.PublishAsync(cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RunInProgress));
        Assert.That(error.Message, Does.Contain(run.Id).And.Contain("pid 70001"));
        Assert.That(_compiles, Is.EqualTo(1));
        Assert.That(File.ReadAllText(Path.Combine(_paths.PublishedApp, Program("Job"))), Is.EqualTo("one"));

        _processes.IsAlive(run.Suite).Returns(false);
        await _publisher.PublishAsync(cancellation);
        Assert.That(_compiles, Is.EqualTo(2));
    }

    [Test]
    public async Task What_does_not_compile_leaves_what_was_published(CancellationToken cancellation)
    {
        await _publisher.PublishAsync(cancellation);
        Change("two");
        _runner.RunAsync(Arg.Any<ProcessRequest>(), Arg.Any<CancellationToken>())
            .Returns(new ProcessResult(1, "a.cs(1,2): error CS1: x", "", TimeSpan.Zero));
        var error = (await Assert.ThrowsAsync<BuildException>(() => _publisher.PublishAsync(cancellation)))!;
        Change("one");

        Assert.That(error.Message, Does.StartWith("AMB4001").And.Contain("error CS1"));
        Assert.That((await _publisher.PublishAsync(cancellation)).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task While_another_publishes_it_waits_and_says_so(CancellationToken cancellation)
    {
        var path = _paths.PublishedApp + ".lock";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Task<StepOutcome> publishing;
        await using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            publishing = _publisher.PublishAsync(cancellation);
            Assert.That(() => _console.Lines, Has.One.StartsWith("Waiting for another run that publishes the app").After(10_000, 10));
            Assert.That(_compiles, Is.Zero);
        }

        await publishing;
        Assert.That(_compiles, Is.EqualTo(1));
    }

    [Test]
    public async Task Where_it_cannot_be_written_that_is_said(CancellationToken cancellation)
    {
        // In its way: not even root can make a directory where a file is.
        File.WriteAllText(_directory["artifacts"], "");

        var error = (await Assert.ThrowsAsync<BuildException>(() => _publisher.PublishAsync(cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.AppBuildFailed));
        Assert.That(error.Message, Does.Contain("Make artifacts/ writable."));
    }

    private static string Program(string name) => OperatingSystem.IsWindows() ? name + ".exe" : name;

    private void Change(string source)
    {
        Directory.CreateDirectory(_paths.App);
        File.WriteAllText(Path.Combine(_paths.App, "Program.cs"), source);
    }

    private ProcessResult Compile(ProcessRequest request)
    {
        _compiles++;
        const string output = "-property:PublishDir=";
        var directory = request.Arguments.Single(argument => argument.StartsWith(output, StringComparison.Ordinal))[output.Length..];
        Directory.CreateDirectory(directory);
        foreach (var name in new[] { "ImmortalCoordinator", "Job", "Server" })
            File.Copy(Path.Combine(_paths.App, "Program.cs"), Path.Combine(directory, Program(name)));
        return new ProcessResult(0, "", "", TimeSpan.Zero);
    }

    private RunRecord WriteRun()
    {
        var run = _store.Create();
        var record = new RunRecord
        {
            Id = run.Id,
            Target = "Deploy",
            State = RunState.Running,
            Started = DateTimeOffset.UnixEpoch,
            Suite = new ProcessIdentity(70001, 1),
            Instances = [],
            ExpectedBytes = 1,
        };
        RunStore.Write(run, record);
        return record;
    }
}
