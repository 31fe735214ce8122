using Ambrosia.Build.Cli;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

/// <summary>Publishing for an image with a compiler that only writes the files' names.</summary>
[CancelAfter(20_000)]
public sealed class ImagePublisherTests
{
    private static readonly string[] Published =
    [
        "ImmortalCoordinator", "ImmortalCoordinator.dll", "Job", "Job.dll", "Job.runtimeconfig.json", "Ambrosia.dll", "System.Private.CoreLib.dll",
        "libcoreclr.so", "libmscordbi.so", "Image", "Image.dll", "Job.xml",
    ];

    private TemporaryDirectory _directory = null!;
    private RecordingConsole _console = null!;
    private ImagePublisher _publisher = null!;
    private List<ProcessRequest> _compiles = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _console = new RecordingConsole();
        _compiles = [];
        var paths = new BuildPaths(_directory.Path);
        foreach (var project in new[] { "Job/Job.csproj", "Ambrosia/Ambrosia.csproj", "ImmortalCoordinator/ImmortalCoordinator.csproj", "Image/Image.csproj", "Image/pidof" })
        {
            var file = Path.Combine(paths.App, project);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, project);
        }

        var runner = Substitute.For<IProcessRunner>();
        runner.RunAsync(Arg.Any<ProcessRequest>(), Arg.Any<CancellationToken>()).Returns(call => Compile(call.Arg<ProcessRequest>()));
        _publisher = new ImagePublisher(paths, new AppInputs(paths), runner, _console, TimeProvider.System);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task What_seldom_changes_lies_apart_from_the_app(CancellationToken cancellation)
    {
        var context = await _publisher.PublishAsync("linux/arm64", cancellation);

        Assert.That(Names(context, "app"), Is.EqualTo(new[] { "Ambrosia.dll", "Job", "Job.dll", "Job.runtimeconfig.json" }));
        Assert.That(
            Names(context, "runtime"),
            Is.EqualTo(new[] { "ImmortalCoordinator", "ImmortalCoordinator.dll", "System.Private.CoreLib.dll", "libcoreclr.so", "pidof" }));
        Assert.That(_compiles.Single().Arguments, Has.Some.EqualTo("-property:RuntimeIdentifier=linux-arm64").And.Some.EqualTo("-property:SelfContained=true"));
    }

    [Test]
    public async Task It_is_compiled_once_for_one_state_of_the_sources_and_platform(CancellationToken cancellation)
    {
        await _publisher.PublishAsync("linux/amd64", cancellation);
        await _publisher.PublishAsync("linux/amd64", cancellation);
        Assert.That(_compiles, Has.Count.EqualTo(1));

        await _publisher.PublishAsync("linux/arm64", cancellation);
        File.WriteAllText(Path.Combine(_directory["app"], "Job", "Program.cs"), "changed");
        await _publisher.PublishAsync("linux/amd64", cancellation);

        Assert.That(_compiles, Has.Count.EqualTo(3));
        Assert.That(_console.Lines.Last(), Does.StartWith("Publishing the app for linux-x64: inputs changed ("));
    }

    [Test]
    [Platform("Unix")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Modes_and_times_do_not_depend_on_who_compiled_and_when(CancellationToken cancellation)
    {
        var context = await _publisher.PublishAsync("linux/amd64", cancellation);

        foreach (var file in Directory.EnumerateFiles(context, "*", SearchOption.AllDirectories))
        {
            Assert.That((int)File.GetUnixFileMode(file), Is.EqualTo(Convert.ToInt32("755", 8)), file);
            Assert.That(File.GetLastWriteTimeUtc(file), Is.EqualTo(DateTime.UnixEpoch), file);
        }
    }

    private static IEnumerable<string> Names(string context, string directory) =>
        Directory.EnumerateFiles(Path.Combine(context, directory)).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    private ProcessResult Compile(ProcessRequest request)
    {
        _compiles.Add(request);
        const string output = "-property:PublishDir=";
        var directory = request.Arguments.Single(argument => argument.StartsWith(output, StringComparison.Ordinal))[output.Length..];
        Directory.CreateDirectory(directory);
        foreach (var file in Published)
            File.WriteAllText(Path.Combine(directory, file), file);
        return new ProcessResult(0, "", "", TimeSpan.Zero);
    }
}
