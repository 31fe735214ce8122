using System.Text;
using Ambrosia.Build.Errors;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>Push with the real docker and a real registry that wants a password.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class PushTests
{
    [Test]
    public async Task An_image_is_pushed_once_and_manifests_get_its_digest(CancellationToken cancellation)
    {
        var app = await BuiltApp.RequireAsync(cancellation);
        var pushed = await BuiltApp.RequirePushedAsync(cancellation);
        using var second = new Suite(new SuiteOptions());
        var again = await second.Registry.PushAsync(cancellation);
        using var exclusive = new Suite(new SuiteOptions());
        var image = await exclusive.Registry.ResolveAsync(cancellation);
        TestContext.Progress.WriteLine(pushed.Summary + "\n" + again.Summary);

        Assert.That(pushed.Summary, Does.StartWith("pushed "));
        Assert.That(again.Summary, Does.Match($"^unchanged \\({app.Reference} is there as sha256:[0-9a-f]{{64}}\\)$"));
        Assert.That(second.Commands, Is.Empty, "the registry was asked, and no docker was needed");
        Assert.That(image.Reference, Does.Match("^127\\.0\\.0\\.1:[0-9]+/perftest@sha256:[0-9a-f]{64}$"));
        Assert.That((image.IsOnNodes, image.IsPublic), Is.EqualTo((false, false)));
        await Machinery.Engine.DockerAsync(cancellation, "run", "--rm", "--network", "none", app.Reference, "--help");
    }

    [Test]
    public async Task What_the_registry_has_is_not_built_on_a_machine_that_lacks_it(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("elsewhere", cancellation);
        using (var earlier = new Suite(options))
        {
            var built = await earlier.Registry.BuildAsync(cancellation);
            Assert.That(built.Summary, Does.StartWith("unchanged"));
            await earlier.Registry.PushAsync(cancellation);
        }

        var tag = (await Machinery.Registry.TagsAsync("elsewhere", cancellation)).Single();
        await Machinery.Engine.DockerAsync(cancellation, "image", "rm", $"{Machinery.Registry.Server}/elsewhere:{tag}");
        using var suite = new Suite(options);

        Assert.That((await suite.Registry.BuildAsync(cancellation)).Summary, Is.EqualTo($"unchanged (hash {tag}): the registry has it"));
        Assert.That((await suite.Registry.PushAsync(cancellation)).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task Defect_5_the_password_is_seen_nowhere_and_stays_nowhere(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("secretive", cancellation);
        using var suite = new Suite(options);
        await suite.Registry.PushAsync(cancellation);

        var password = options.Password!;
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RegistryServer.User}:{password}"));
        Assert.That(suite.Commands, Has.Some.Contain("--password-stdin").And.Some.Contain("logout"));
        foreach (var surface in new[] { string.Join('\n', suite.Commands), suite.Output, suite.State })
            Assert.That(surface, Does.Not.Contain(password).And.Not.Contain(basic));
        Assert.That(File.Exists(Path.Combine(Machinery.Temporary, ".docker", "config.json")), Is.False, "the user's own docker configuration is left alone");
    }

    [Test]
    public async Task Defect_17_a_wrong_password_is_one_clear_error_and_no_other_way_in_is_tried(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("refused", cancellation);
        using var suite = new Suite(options with { Password = "wrong-password" });

        var error = await BuildTests.FailureAsync(() => suite.Registry.PushAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
        Assert.That(error.Message, Does.Contain(RegistryServer.User).And.Contain("AMBROSIA_REGISTRY_PASSWORD").And.Not.Contain("wrong-password"));
        Assert.That(await Machinery.Registry.TagsAsync("refused", cancellation), Is.Empty);
    }

    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.All))]
    public async Task Docker_itself_refuses_a_wrong_password_in_words_that_are_understood(DockerClient client, CancellationToken cancellation)
    {
        using var suite = new Suite(new SuiteOptions { Client = client });

        var error = (await Assert.ThrowsAsync<BuildException>(
            () => suite.Docker.LoginAsync(new(Machinery.Registry.Server, RegistryServer.User, "wrong-password"), cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
        Assert.That(error.Message, Does.Contain("unauthorized").IgnoreCase.And.Contain("cause:  the registry does not accept"));
    }

    [Test]
    public async Task Without_a_login_where_one_is_wanted_the_push_says_so(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("anonymous", cancellation);
        using var suite = new Suite(options with { Password = null });

        var error = await BuildTests.FailureAsync(() => suite.Registry.PushAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.RegistryLoginFailed));
        Assert.That(error.Message, Does.Contain("no basic auth credentials"));
    }

    [Test]
    public async Task A_login_that_docker_has_already_is_used(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("owners", cancellation);
        using var home = new TemporaryDirectory();
        options = options with { Home = home.Path, Password = null };
        var configuration = Directory.CreateDirectory(home[".docker"]).FullName;
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{RegistryServer.User}:{Machinery.Registry.Password}"));
        var logins = new Dictionary<string, object> { ["auths"] = new Dictionary<string, object> { [options.Server!] = new { auth = basic } } };
        await File.WriteAllTextAsync(Path.Combine(configuration, "config.json"), System.Text.Json.JsonSerializer.Serialize(logins), cancellation);

        using var first = new Suite(options);
        Assert.That((await first.Registry.PushAsync(cancellation)).Summary, Does.StartWith("pushed "));
        using var second = new Suite(options);
        Assert.That((await second.Registry.PushAsync(cancellation)).Summary, Does.StartWith("unchanged"));
    }

    [Test]
    public async Task A_registry_that_is_down_is_named(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("down", $"127.0.0.1:{RegistryServer.FreePort()}", "any password", cancellation);
        using var suite = new Suite(options);

        var error = await BuildTests.FailureAsync(() => suite.Registry.PushAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.PushFailed));
        Assert.That(error.Message, Does.Contain(options.Server).And.Contain("cause:  nothing listens at the registry's address"));
    }

    [Test]
    public async Task Before_a_push_there_is_nothing_to_deploy(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("unpushed", cancellation);
        using var suite = new Suite(options);

        var error = (await Assert.ThrowsAsync<BuildException>(() => suite.Registry.ResolveAsync(cancellation)))!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageNotFound));
        Assert.That(error.Message, Does.Contain("./build.sh --target=Push"));
    }
}
