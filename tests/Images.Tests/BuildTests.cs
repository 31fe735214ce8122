using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>BuildImages with the real compiler, the real docker and the real engine.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class BuildTests
{
    [Test]
    public async Task An_image_that_is_there_is_not_built_again_and_the_reason_is_said(CancellationToken cancellation)
    {
        await BuiltApp.RequireAsync(cancellation);
        using var suite = new Suite(new SuiteOptions());

        var outcome = await suite.Registry.BuildAsync(cancellation);

        Assert.That(outcome.Summary, Does.Match("^unchanged \\(hash [0-9a-f]{12}\\)$"));
        Assert.That(suite.Commands, Has.Count.EqualTo(1).And.All.Contain("image inspect"));
    }

    [Test]
    public async Task Defect_14_the_tag_is_a_hash_of_the_inputs_and_never_latest(CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);

        Assert.That(app.Reference, Does.Match("^127\\.0\\.0\\.1:[0-9]+/perftest:[0-9a-f]{12}$"));
        var images = await Machinery.Engine.DockerAsync(cancellation, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
        Assert.That(images, Does.Contain(app.Reference).And.Not.Contain(":latest"));
    }

    [Test]
    public async Task Defect_16_a_change_is_detected_from_any_directory_and_named(CancellationToken cancellation)
    {
        var context = Machinery.Checkout.AddContext("changing", ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY file /file\n"), ("file", "one"));
        var options = Custom("changing") with { ServiceName = "changing" };
        using var first = new Suite(options);
        Assert.That((await first.Registry.BuildAsync(cancellation)).Summary, Does.StartWith("built ").And.EndsWith(": not built yet"));
        using var second = new Suite(options);
        Assert.That((await second.Registry.BuildAsync(cancellation)).Summary, Does.StartWith("unchanged"));

        await File.WriteAllTextAsync(Path.Combine(context, "file"), "two", cancellation);
        using var third = new Suite(options);

        Assert.That((await third.Registry.BuildAsync(cancellation)).Summary, Does.Match(": inputs changed \\([0-9a-f]{12} -> [0-9a-f]{12}\\)$"));
    }

    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.All))]
    public async Task Every_client_and_builder_builds_the_same_image(DockerClient client, CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        using var suite = new Suite(new SuiteOptions { Client = client });
        var tag = $"builders:{Guid.NewGuid():N}";

        await suite.Docker.BuildAsync(
            new DockerBuild(app.Context, Path.Combine(Machinery.Checkout.Paths.App, "Dockerfile"), SuiteOptions.NativePlatform, tag), _ => { }, cancellation);

        // The last two layers are ours. Their times differ; what is in them is compared by what runs of them.
        Assert.That(await ConfigurationAsync(tag, cancellation), Is.EqualTo(await ConfigurationAsync(app.Reference, cancellation)));
        var help = await Machinery.Engine.DockerAsync(cancellation, "run", "--rm", "--network", "none", "--read-only", tag, "--help");
        Assert.That(help, Does.StartWith("ImmortalCoordinator: logs every message"));
    }

    [Test]
    public async Task Any_other_application_is_sent_as_it_is(CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext(
            "other",
            ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY . /other/\nENTRYPOINT [\"/usr/bin/cat\", \"/other/greeting\"]\n"),
            ("greeting", "hello\n"),
            (".dockerignore", "secret*\n"),
            ("secret.txt", "not to be sent"));
        using var suite = new Suite(Custom("other"));

        var outcome = await suite.Registry.BuildAsync(cancellation);
        var reference = outcome.Summary.Split(' ')[1];

        Assert.That(suite.Commands, Has.None.Contain("dotnet publish"));
        Assert.That(await Machinery.Engine.DockerAsync(cancellation, "run", "--rm", "--network", "none", reference), Is.EqualTo("hello\n"));
        var files = await Machinery.Engine.DockerAsync(cancellation, "run", "--rm", "--network", "none", "--entrypoint", "ls", reference, "/other");
        Assert.That(files, Does.Contain("greeting").And.Not.Contain("secret"));
    }

    [Test]
    public async Task Clean_removes_the_images_of_this_deployment_alone(CancellationToken cancellation)
    {
        foreach (var name in new[] { "cleaned", "kept" })
        {
            Machinery.Checkout.AddContext(name, ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY Dockerfile /\n"));
            using var builder = new Suite(Custom(name));
            await builder.Registry.BuildAsync(cancellation);
        }

        using var suite = new Suite(Custom("cleaned"));
        Assert.That((await suite.Registry.CleanAsync(cancellation)).Summary, Is.EqualTo("1 removed from the Docker engine"));
        Assert.That((await suite.Registry.CleanAsync(cancellation)).Summary, Is.EqualTo("no images in the Docker engine"));
        var left = await Machinery.Engine.DockerAsync(cancellation, "image", "ls", "--format", "{{.Repository}}");
        Assert.That(left, Does.Contain("/kept").And.Not.Contain("/cleaned"));
    }

    [Test]
    public async Task A_published_image_is_neither_built_nor_pushed(CancellationToken cancellation)
    {
        using var suite = new Suite(new SuiteOptions { Public = "ambrosia/ambrosia-perftest:1", DockerHost = "unix:///nowhere" });

        StepOutcome[] outcomes = [await suite.Registry.BuildAsync(cancellation), await suite.Registry.PushAsync(cancellation)];

        Assert.That(outcomes.Select(outcome => outcome.Summary), Is.All.EqualTo("not needed: images.public is ambrosia/ambrosia-perftest:1"));
        Assert.That(suite.Commands, Is.Empty);
    }

    [Test]
    public async Task An_engine_that_is_down_is_named(CancellationToken cancellation)
    {
        using var suite = new Suite(new SuiteOptions { DockerHost = $"unix://{Path.Combine(Machinery.Temporary, "nobody.sock")}" });

        var error = await FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.DockerUnavailable));
        Assert.That(error.Message, Does.Contain("cause:  the Docker engine is not running").And.Contain("Cannot connect to the Docker daemon"));
        Assert.That((await suite.Registry.DiagnoseAsync(cancellation)).Select(finding => finding.Severity), Is.EqualTo(new[] { FindingSeverity.Good, FindingSeverity.Error }));
        using var running = new Suite(new SuiteOptions());
        Assert.That((await running.Registry.DiagnoseAsync(cancellation)).Select(finding => finding.Severity), Is.EqualTo(new[] { FindingSeverity.Good, FindingSeverity.Good }));
    }

    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.All))]
    public async Task A_base_image_that_is_missing_is_named(DockerClient client, CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext("baseless", ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\n"));
        await using var open = await RegistryServer.StartAsync(null, anonymous: true, cancellation);
        using var suite = new Suite(Custom("baseless") with { BaseImage = $"{open.Server}/nobody/nothing:1", Client = client });

        var error = await FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("nobody/nothing").And.Contain("cause:  the base image does not exist"));
    }

    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.All))]
    public async Task A_base_image_that_needs_a_login_is_named(DockerClient client, CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext("private", ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\n"));
        using var suite = new Suite(Custom("private") with { BaseImage = $"{Machinery.Registry.Server}/private/base:1", Client = client });

        var error = await FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("private/base").And.Contain("wants a login").And.Contain("docker login"));
    }

    /// <summary>BuildKit writes the platform that was asked for into the image, whatever the base is for.</summary>
    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.Legacy))]
    public async Task An_image_for_another_processor_than_the_settings_say_is_refused(DockerClient client, CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext(
            "foreign", ("Dockerfile", $"ARG BASE_IMAGE=none\nFROM --platform={SuiteOptions.NativePlatform} ${{BASE_IMAGE}}\nCOPY Dockerfile /\n"));
        using var suite = new Suite(Custom("foreign") with { Platform = SuiteOptions.ForeignPlatform, Client = client });

        var error = await FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("processor").And.Contain("images.platform"));
    }

    [Test]
    public async Task A_base_image_for_another_processor_is_refused(CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext("foreignbase", ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY Dockerfile /\n"));
        using var suite = new Suite(Custom("foreignbase") with { Platform = SuiteOptions.ForeignPlatform });

        var error = await FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("processor").And.Contain("images.platform"));
    }

    internal static async Task<BuildException> FailureAsync(Func<Task<StepOutcome>> step) =>
        (await Assert.ThrowsAsync<BuildException>(async () => await step()))!;

    internal static SuiteOptions Custom(string context) => new()
    {
        ServiceName = context[..Math.Min(context.Length, 20)],
        Context = context,
        Dockerfile = $"{context}/Dockerfile",
        BaseImage = StandInImages.Default,
    };

    private static Task<string> ConfigurationAsync(string reference, CancellationToken cancellation) => Machinery.Engine.DockerAsync(
        cancellation, "image", "inspect", "--format", "{{json .Config.Entrypoint}} {{json .Config.User}} {{json .Config.Env}} {{len .RootFS.Layers}} {{.Architecture}}",
        reference);
}
