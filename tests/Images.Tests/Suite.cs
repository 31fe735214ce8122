using System.Collections.Concurrent;
using System.Globalization;
using Ambrosia.Build;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Ambrosia.Testing;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Tooling;
using NSubstitute;
using Path = System.IO.Path;
using ProcessRunner = Ambrosia.Build.Cli.ProcessRunner;

namespace Ambrosia.Images.Tests;

/// <summary>One run of the suite as far as images go: its services as they are, with real tools.</summary>
internal sealed class Suite : IDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly CommandJournal _journal = new();
    private readonly ProcessRunner _runner;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly string _state;

    public Suite(SuiteOptions options)
    {
        _state = Path.Combine(Machinery.Temporary, "state", Guid.NewGuid().ToString("N"));
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(SettingsOf(options));
        var mask = Mask;
        var tools = Substitute.For<IToolLocator>();
        tools.Resolve(Arg.Any<IEnumerable<string>>()).Returns(call =>
            call.Arg<IEnumerable<string>>().Select(Tools.Find).FirstOrDefault(path => path is not null) is { } found ? new FilePath(found) : null);
        var log = Substitute.For<ICakeLog>();
        log.When(each => each.Write(Arg.Any<Verbosity>(), Arg.Any<LogLevel>(), Arg.Any<string>(), Arg.Any<object[]>()))
            .Do(call => _lines.Enqueue(string.Format(CultureInfo.InvariantCulture, call.ArgAt<string>(2), call.ArgAt<object[]>(3))));
        _runner = new ProcessRunner(log, tools, mask, _journal, TimeProvider.System);
        Runner = new EngineRunner(_runner, options.Client?.Path ?? Machinery.Engine.Client, new Dictionary<string, string?>
        {
            ["DOCKER_HOST"] = options.DockerHost ?? Machinery.Engine.Host,
            ["DOCKER_BUILDKIT"] = options.Client is { } client ? client.BuildKit : "0",
            // Nothing here is the user's: neither logins nor contexts nor plug-ins.
            ["HOME"] = options.Home,
            ["NUGET_PACKAGES"] = NuGetPackages(),
        });
        var (runner, console) = (Runner, Console);
        console.When(each => each.Line(Arg.Any<string>())).Do(call => _lines.Enqueue(call.Arg<string>()));
        console.When(each => each.Event(Arg.Any<string>())).Do(call => _lines.Enqueue(call.Arg<string>()));
        var state = new StateDirectory(settings, name => name == "XDG_STATE_HOME" ? _state : null);
        Docker = new DockerCli(runner, state);
        Publisher = new ImagePublisher(options.Paths, new AppInputs(options.Paths), runner, console, TimeProvider.System);
        var inputs = new ImageInputs(options.Paths, settings, new AppInputs(options.Paths));
        var platform = Substitute.For<IPlatform>();
        platform.PlanAsync(Arg.Any<CancellationToken>()).Returns(DeploymentPlan.Empty);
        Registry = new ImageRegistry(new ConfiguredRegistryAccess(settings), new ImageTools(
            settings,
            inputs,
            new ImageBuilder(settings, inputs, Publisher, Docker, TimeProvider.System),
            new ImageLoader(runner, Docker, state, console),
            Docker,
            new RegistryClient(_http, mask),
            new PlanGate(new Lazy<IPlatform>(platform), new RunScope(["BuildImages", "Push"]), Substitute.For<IConfirmation>(), console),
            console,
            TimeProvider.System));
    }

    public ImageRegistry Registry { get; }

    /// <summary>Runs docker as everything else here does.</summary>
    public Ambrosia.Build.Cli.IProcessRunner Runner { get; }

    public SecretMask Mask { get; } = new();

    public IBuildConsole Console { get; } = Substitute.For<IBuildConsole>();

    public DockerCli Docker { get; }

    public ImagePublisher Publisher { get; }

    /// <summary>The commands that ran, as the report has them, without the paths of the programs.</summary>
    public IReadOnlyList<string> Commands => [.. _journal.Records.Select(record => record.CommandLine)];

    /// <summary>All that a user could have read, at every verbosity.</summary>
    public string Output => string.Join('\n', _lines);

    /// <summary>What is left in the user's state directory: paths and contents.</summary>
    public string State => !Directory.Exists(_state)
        ? ""
        : string.Join('\n', Directory.EnumerateFiles(_state, "*", SearchOption.AllDirectories).Select(file => $"{file}: {File.ReadAllText(file)}"));

    public void Dispose()
    {
        _runner.Dispose();
        _http.Dispose();
    }

    /// <summary>The packages of this machine's user: HOME is another one's.</summary>
    private static string NuGetPackages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static BuildSettings SettingsOf(SuiteOptions options) => new()
    {
        Platform = PlatformKind.Kubernetes,
        PlatformReason = "a test",
        ServiceName = options.ServiceName,
        LogDirectory = "/ambrosia_logs",
        Runtime = RuntimeKind.Own,
        Instances = [],
        Verify = new VerifySettings { Kind = VerifyKind.None, Rounds = 1, RoundBytes = 1 << 20, MaxMessageBytes = 65536, Deadline = TimeSpan.FromMinutes(1) },
        Images = new ImageSettings(options.Context, options.Dockerfile, options.Platform, options.Public, options.BaseImage),
        Kubernetes = new KubernetesSettings(
            options.KubeContext, null, "ambrosia", null, 1, options.Server,
            options.Password is null ? null : RegistryUser, options.Password, "pull", "share"),
    };

    private const string RegistryUser = Ambrosia.Testing.Docker.RegistryServer.User;
}
