using System.Net;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Platforms.Local;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

/// <summary>Which commands BuildImages and Push run, in which order, with what.</summary>
[CancelAfter(20_000)]
public sealed class ImageRegistryTests
{
    private const string Server = "127.0.0.1:5000";
    private const string Password = "hunter2-hunter2";
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private TemporaryDirectory _directory = null!;
    private RecordingConsole _console = null!;
    private IConfirmation _confirmation = null!;
    private HttpStatusCode _registry;

    [SetUp]
    public void SetUp()
    {
        _directory = new TemporaryDirectory();
        _console = new RecordingConsole();
        _confirmation = Substitute.For<IConfirmation>();
        _registry = HttpStatusCode.NotFound;
        Directory.CreateDirectory(_directory["other"]);
        File.WriteAllText(_directory["other/Dockerfile"], "FROM scratch\n");
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task With_kind_the_image_is_loaded_into_the_nodes(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference), new ScriptedCommand("kind", "load", "docker-image", reference, "--name", "demo"), Inspect(reference));
        var registry = Make(runner, server: null, context: "kind-demo");

        var outcome = await registry.PushAsync(cancellation);
        var image = await registry.ResolveAsync(cancellation);

        Assert.That(outcome.Summary, Is.EqualTo($"loaded {reference} into demo"));
        Assert.That((image.Reference, image.IsOnNodes), Is.EqualTo((reference, true)));
    }

    [Test]
    public async Task With_minikube_what_is_on_the_nodes_is_not_loaded_again(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("minikube", "image", "ls", "--profile", "minikube") { Output = $"registry.k8s.io/pause:3.9\ndocker.io/library/{reference}\n" });

        var outcome = await Make(runner, server: null, context: "minikube").PushAsync(cancellation);

        Assert.That(outcome.Summary, Is.EqualTo($"unchanged ({reference} is on the nodes of minikube)"));
    }

    /// <summary>By its name minikube would look for it at Docker Hub first.</summary>
    [Test]
    public async Task With_minikube_the_image_goes_by_a_file_and_is_looked_for_afterwards(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        var archive = Archive("minikube", reference);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            Minikube(""),
            Save(archive, reference),
            new ScriptedCommand("minikube", "image", "load", archive, "--profile", "minikube"),
            Minikube($"docker.io/library/{reference}\n"));

        Assert.That((await Make(runner, server: null, context: "minikube").PushAsync(cancellation)).Summary, Is.EqualTo($"loaded {reference} into minikube"));
    }

    /// <summary>https://github.com/kubernetes/minikube/issues/23471</summary>
    [Test]
    public async Task An_image_that_minikube_has_not_loaded_is_missed_although_its_exit_code_is_0(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        var archive = Archive("minikube", reference);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            Minikube(""),
            Save(archive, reference),
            new ScriptedCommand("minikube", "image", "load", archive, "--profile", "minikube") { Error = "W cache_images.go:253] Failed to load cached images\n" },
            Minikube("registry.k8s.io/pause:3.9\n"));

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Make(runner, server: null, context: "minikube").PushAsync(cancellation)))!;

        Assert.That(failure.Message, Is.EqualTo(
            $"AMB4005: {reference} is not on the nodes of minikube, although loading it reported no failure.\n"
            + "  output: W cache_images.go:253] Failed to load cached images\n"
            + "  cause:  a node could not take it, for its disk is full or its runtime does not run\n"
            + $"  fix:    docker save {reference} | minikube image load - --profile minikube --alsologtostderr shows why; or set kubernetes.registry"));
        Assert.That(Directory.Exists(Path.GetDirectoryName(archive)), Is.False);
    }

    [Test]
    public async Task With_k3s_root_loads_the_image_by_a_file_that_is_gone_afterwards(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        var archive = Archive("k3s", reference);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("k3s", "ctr", "images", "ls", "--quiet"),
            Save(archive, reference),
            new ScriptedCommand("k3s", "ctr", "images", "import", archive),
            new ScriptedCommand("k3s", "ctr", "images", "ls", "--quiet") { Output = $"docker.io/library/{reference}\n" });

        await Make(runner, server: null, context: "k3s").PushAsync(cancellation);

        Assert.That(Directory.Exists(Path.GetDirectoryName(archive)), Is.False);
    }

    /// <summary>https://github.com/k3s-io/k3s/issues/7799</summary>
    [Test]
    public async Task With_k3s_another_user_than_root_asks_sudo(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        var archive = Archive("k3s", reference);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet"),
            Save(archive, reference),
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "import", archive),
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet") { Output = $"docker.io/library/{reference}\n" });

        Assert.That(
            (await Make(runner, server: null, context: "k3s", isRoot: false).PushAsync(cancellation)).Summary, Is.EqualTo($"loaded {reference} into k3s"));
    }

    [Test]
    public async Task Where_sudo_refuses_the_command_to_type_is_told(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("sudo", "-n", "k3s", "ctr", "images", "ls", "--quiet")
            {
                Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C" },
                ExitCode = 1,
                Error = "sudo: a password is required\n",
            });

        var failure = (await Assert.ThrowsAsync<BuildException>(
            () => Make(runner, server: null, context: "k3s", isRoot: false).PushAsync(cancellation)))!;

        Assert.That(failure.Message, Is.EqualTo(
            "AMB4005: sudo -n k3s ctr images ls --quiet failed.\n"
            + "  output: sudo: a password is required\n"
            + "  cause:  k3s lets root alone see its images, and sudo does not run it here without a password\n"
            + $"  fix:    let sudo do that; or load it yourself (docker save {reference} | sudo k3s ctr images import -) and set kubernetes.imageLoader to none; "
            + "or set kubernetes.registry"));
    }

    [Test]
    public async Task A_full_disk_below_the_saved_image_is_told_from_a_full_disk_of_the_engine(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(null, cancellation);
        var archive = Archive("k3s", reference);
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("k3s", "ctr", "images", "ls", "--quiet"),
            new ScriptedCommand("docker", "save", "--output", archive, reference)
            {
                ExitCode = 1,
                Error = $"write {Path.GetDirectoryName(archive)}/.docker_temp_123456: no space left on device\n",
            });

        var failure = (await Assert.ThrowsAsync<BuildException>(() => Make(runner, server: null, context: "k3s").PushAsync(cancellation)))!;

        Assert.That(failure.Code, Is.EqualTo(ErrorCode.PushFailed));
        Assert.That(failure.Message, Does.Contain($"the disk with {Path.GetDirectoryName(archive)} is full"));
        Assert.That(Directory.Exists(Path.GetDirectoryName(archive)), Is.False);
    }

    [TestCase("docker-desktop", "runs on the engine")]
    public async Task Where_nothing_can_be_loaded_that_is_said(string context, string expected)
    {
        using var runner = new ScriptedProcessRunner();

        Assert.That((await Make(runner, server: null, context: context).PushAsync(default)).Summary, Does.StartWith("not needed: ").And.Contain(expected));
    }

    /// <summary>Otherwise pods end in ErrImageNeverPull.</summary>
    [TestCase("default")]
    [TestCase("production")]
    public async Task Where_no_way_to_the_nodes_is_known_a_push_fails_and_names_the_setting(string context)
    {
        using var runner = new ScriptedProcessRunner();

        var failure = await Assert.ThrowsAsync<BuildException>(() => Make(runner, server: null, context: context).PushAsync(default));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.PushFailed));
        Assert.That(failure.Remedy, Does.Contain("kubernetes.imageLoader"));
    }

    [Test]
    public async Task Defect_5_a_push_logs_in_by_standard_input_into_a_private_configuration_and_out_again(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(Server, cancellation);
        var configuration = Path.Combine(State().Path, "docker");
        var engine = new Dictionary<string, string?> { ["DOCKER_HOST"] = "unix:///run/user/1000/docker.sock", ["DOCKER_CONTEXT"] = null };
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}") { Output = "unix:///run/user/1000/docker.sock\n" },
            new ScriptedCommand("docker", "--config", configuration, "login", "--username", "me", "--password-stdin", Server)
            {
                StandardInput = Password,
                Environment = engine,
            },
            new ScriptedCommand("docker", "--config", configuration, "push", reference)
            {
                Environment = engine,
                Output = $"0123456789ab: digest: {Digest} size: 1234\n",
            },
            new ScriptedCommand("docker", "--config", configuration, "logout", Server) { Environment = engine });
        var registry = Make(runner, Server, user: "me");

        var outcome = await registry.PushAsync(cancellation);

        Assert.That(outcome.Summary, Does.StartWith($"pushed {reference} as {Digest}"));
        Assert.That((await registry.ResolveAsync(cancellation)).Reference, Is.EqualTo($"{Server}/perftest@{Digest}"));
        Assert.That(runner.Requests.SelectMany(request => request.Arguments), Has.None.Contain(Password));
    }

    /// <summary>127.0.0.1 is, on a node, the node itself.</summary>
    [Test]
    public async Task What_is_pushed_by_one_name_is_pulled_by_the_nodes_name(CancellationToken cancellation)
    {
        _registry = HttpStatusCode.OK;
        using var runner = new ScriptedProcessRunner();
        var settings = SettingsOf(Server, "kind-demo", "me", Password, pullRegistry: "kind-registry:5000/mirror");
        var access = new ConfiguredRegistryAccess(settings);

        var image = await Make(runner, settings, access).ResolveAsync(cancellation);

        Assert.Multiple(async () =>
        {
            Assert.That(image.Reference, Is.EqualTo($"kind-registry:5000/mirror/perftest@{Digest}"));
            Assert.That((await access.PullLoginAsync(cancellation))!.Server, Is.EqualTo("kind-registry:5000"));
            Assert.That((await access.PushLoginAsync(cancellation))!.Server, Is.EqualTo(Server));
            Assert.That((await access.ReadLoginAsync(cancellation))!.Server, Is.EqualTo(Server));
        });
    }

    [Test]
    public async Task Also_after_a_push_that_failed_it_logs_out(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(Server, cancellation);
        var configuration = Path.Combine(State().Path, "docker");
        using var runner = new ScriptedProcessRunner(
            Inspect(reference),
            new ScriptedCommand("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}") { ExitCode = 1 },
            new ScriptedCommand("docker", "--config", configuration, "login", "--username", "me", "--password-stdin", Server),
            new ScriptedCommand("docker", "--config", configuration, "push", reference) { ExitCode = 1, Error = "denied: requested access to the resource is denied" },
            new ScriptedCommand("docker", "--config", configuration, "logout", Server));

        var error = (await Assert.ThrowsAsync<BuildException>(async () => await Make(runner, Server, user: "me").PushAsync(cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
    }

    [Test]
    public async Task What_the_registry_has_is_neither_built_nor_pushed(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(Server, cancellation);
        _registry = HttpStatusCode.OK;
        using var runner = new ScriptedProcessRunner(NotThere(reference));
        var registry = Make(runner, Server, user: "me");

        Assert.That((await registry.BuildAsync(cancellation)).Summary, Does.EndWith(": the registry has it"));
        Assert.That((await registry.PushAsync(cancellation)).Summary, Is.EqualTo($"unchanged ({reference} is there as {Digest})"));
        await _confirmation.DidNotReceive().RequireAsync(Arg.Any<string>(), Arg.Any<CancellationToken>());
    }

    [Test]
    public async Task The_plan_has_a_row_for_the_build_and_one_for_the_push(CancellationToken cancellation)
    {
        var reference = await ReferenceAsync(Server, cancellation);
        using var runner = new ScriptedProcessRunner(NotThere(reference), Tags("aaaaaaaaaaaa"), Inspect(reference));
        var registry = Make(runner, Server, user: "me");

        var before = await registry.PlanAsync(registryExists: false, cancellation);
        _registry = HttpStatusCode.OK;
        var after = await registry.PlanAsync(registryExists: true, cancellation);

        Assert.That(before.Select(row => (row.Step, row.Kind)), Is.EqualTo(new[] { ("BuildImages", ChangeKind.Create), ("Push", ChangeKind.Create) }));
        Assert.That(before[0].Reason, Does.StartWith("inputs changed (aaaaaaaaaaaa -> "));
        Assert.That(before[1].Reason, Is.EqualTo("the registry does not exist yet"));
        Assert.That(after.Select(row => row.Kind), Is.All.EqualTo(ChangeKind.Unchanged));
    }

    [Test]
    public async Task A_registry_that_turns_out_to_be_called_otherwise_than_planned_gets_the_image(CancellationToken cancellation)
    {
        var access = Substitute.For<IRegistryAccess>();
        access.ServerAsync(Arg.Any<CancellationToken>()).Returns("expected.invalid", "made.invalid");
        var made = await ReferenceAsync("made.invalid", cancellation);
        using var runner = new ScriptedProcessRunner(NotThere(await ReferenceAsync("expected.invalid", cancellation)), Tags(""), Inspect(made));
        var registry = Make(runner, server: null, access: access);

        var planned = await registry.PlanAsync(registryExists: false, cancellation);

        Assert.That(planned[1].Resource, Does.Contain("expected.invalid/"));
        Assert.That((await registry.BuildAsync(cancellation)).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task A_user_without_a_password_is_told_which_variable_to_set()
    {
        using var runner = new ScriptedProcessRunner();

        var error = (await Assert.ThrowsAsync<BuildException>(async () => await Make(runner, Server, user: "me", password: null).PushAsync(default)))!;

        Assert.That(error.Message, Does.Contain("AMBROSIA_REGISTRY_PASSWORD"));
    }

    [Test]
    public async Task A_context_or_Dockerfile_that_is_not_there_is_named_with_its_key()
    {
        using var runner = new ScriptedProcessRunner();
        File.Delete(_directory["other/Dockerfile"]);

        var error = (await Assert.ThrowsAsync<BuildException>(async () => await Make(runner, Server).BuildAsync(default)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("images.dockerfile"));
    }

    [Test]
    public async Task Every_input_is_part_of_the_tag(CancellationToken cancellation)
    {
        List<string> references = [await ReferenceAsync(Server, cancellation)];
        File.WriteAllText(_directory["other/file"], "1");
        references.Add(await ReferenceAsync(Server, cancellation));
        File.WriteAllText(_directory["other/file"], "2");
        references.Add(await ReferenceAsync(Server, cancellation));
        File.WriteAllText(_directory["other/Dockerfile"], "FROM other\n");
        references.Add(await ReferenceAsync(Server, cancellation));
        references.Add(await ReferenceAsync(Server, cancellation, images => images with { Platform = "linux/arm64" }));
        references.Add(await ReferenceAsync(Server, cancellation, images => images with { BaseImage = "base:1" }));
        Assert.That(references, Is.Unique);

        File.WriteAllText(_directory["other/.dockerignore"], "ignored\n.dockerignore\n");
        var before = await ReferenceAsync(Server, cancellation);
        File.WriteAllText(_directory["other/ignored"], "anything");
        Assert.That(await ReferenceAsync(Server, cancellation), Is.EqualTo(before));
    }

    private static ScriptedCommand Inspect(string reference) => new("docker", "image", "inspect", reference)
    {
        Output = $$"""[{"Id":"sha256:1","Os":"linux","Architecture":"amd64","Size":1000,"RepoDigests":[]}]""",
    };

    private static ScriptedCommand NotThere(string reference) => new("docker", "image", "inspect", reference)
    {
        ExitCode = 1,
        Output = "[]\n",
        Error = $"Error: No such image: {reference}\n",
    };

    private static ScriptedCommand Minikube(string images) => new("minikube", "image", "ls", "--profile", "minikube") { Output = images };

    private static ScriptedCommand Save(string archive, string reference) => new("docker", "save", "--output", archive, reference)
    {
        Before = (_, token) => File.WriteAllTextAsync(archive, "image", token),
    };

    private string Archive(string context, string reference) =>
        Path.Combine(State(context).Path, $"image-{Environment.ProcessId}", reference.Replace(':', '-') + ".tar");

    private static ScriptedCommand Tags(string tag) =>
        new("docker", "image", "ls", "--filter", "label=ambrosia-deployment=perftest", "--format", "{{.Tag}}") { Output = tag + "\n" };

    /// <summary>What the inputs as they are now come to.</summary>
    private async Task<string> ReferenceAsync(
        string? server, CancellationToken cancellation, Func<ImageSettings, ImageSettings>? change = null)
    {
        var settings = SettingsOf(server, null, null, null, change);
        return new ImageName(server, "perftest", await Inputs(settings).HashAsync(cancellation)).Reference;
    }

    private ImageRegistry Make(
        IProcessRunner runner, string? server, string? context = null, string? user = null, string? password = Password,
        IRegistryAccess? access = null, bool isRoot = true)
    {
        var settings = SettingsOf(server, context, user, password);
        return Make(runner, settings, access ?? new ConfiguredRegistryAccess(settings), isRoot);
    }

    private ImageRegistry Make(IProcessRunner runner, ISettingsProvider settings, IRegistryAccess access, bool isRoot = true)
    {
        var state = State(settings.Settings.Kubernetes.Context);
        var docker = new DockerCli(runner, state);
        var inputs = Inputs(settings);
        var publisher = Publisher(runner);
        var platform = Substitute.For<IPlatform>();
        platform.PlanAsync(Arg.Any<CancellationToken>()).Returns(DeploymentPlan.Empty);
        return new ImageRegistry(access, new ImageTools(
            settings,
            inputs,
            new ImageBuilder(settings, inputs, publisher, docker, TimeProvider.System),
            new ImageLoader(runner, docker, state, _console) { IsRoot = isRoot },
            docker,
            new RegistryClient(new HttpClient(new OneAnswer(() => _registry)), new SecretMask()),
            new PlanGate(new Lazy<IPlatform>(platform), new RunScope(["Push"]), _confirmation, _console),
            _console,
            TimeProvider.System));
    }

    private ImageInputs Inputs(ISettingsProvider settings)
    {
        var paths = new BuildPaths(_directory.Path);
        return new ImageInputs(paths, settings, new AppInputs(paths));
    }

    private ImagePublisher Publisher(IProcessRunner runner) =>
        new(new BuildPaths(_directory.Path), new AppInputs(new BuildPaths(_directory.Path)), runner, _console, TimeProvider.System);

    private StateDirectory State(string? context = null) =>
        new(SettingsOf(null, context, null, null), name => name == "XDG_STATE_HOME" ? _directory["state"] : null);

    private static ISettingsProvider SettingsOf(
        string? server, string? context, string? user, string? password, Func<ImageSettings, ImageSettings>? change = null, string? pullRegistry = null)
    {
        var provider = Substitute.For<ISettingsProvider>();
        var images = new ImageSettings("other", "other/Dockerfile", "linux/amd64", null, null);
        provider.Settings.Returns(TestSettings.PerformanceTest with
        {
            Platform = PlatformKind.Kubernetes,
            Images = change is null ? images : change(images),
            Kubernetes = TestSettings.PerformanceTest.Kubernetes with
            {
                Context = context,
                Registry = server,
                PullRegistry = pullRegistry,
                RegistryUser = user,
                RegistryPassword = password,
            },
        });
        return provider;
    }

    private sealed class OneAnswer(Func<HttpStatusCode> status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(status());
            response.Headers.Add("Docker-Content-Digest", Digest);
            return Task.FromResult(response);
        }
    }
}
