using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Cli;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KubeconfigAccessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task The_configured_context_is_taken_whatever_the_current_one_is()
    {
        var file = Write("config", Config("production", "kind-kind"));

        var access = await Access("kind-kind", file).GetAsync(default);

        Assert.That((access.Kubeconfig, access.Context, access.Namespace), Is.EqualTo((file, "kind-kind", "ambrosia")));
    }

    [Test]
    public async Task A_mistyped_context_is_refused_with_the_nearest_name()
    {
        var file = Write("config", Config("production", "kind-kind"));

        var failure = await Assert.ThrowsAsync<BuildException>(() => Access("kind-knd", file).GetAsync(default));

        Assert.That(failure!.Message, Does.StartWith("AMB5010").And.Contain("it holds: kind-kind, production").And.Contain("did you mean kind-kind?"));
    }

    [Test]
    public async Task A_missing_file_is_said_to_be_missing()
    {
        var failure = await Assert.ThrowsAsync<BuildException>(() => Access("kind-kind", Path.Combine(_directory.Path, "none")).GetAsync(default));

        Assert.That(failure!.Message, Does.StartWith("AMB5010").And.Contain("there is no such file").And.Contain("kubernetes.kubeconfig"));
    }

    [Test]
    public async Task A_file_that_is_no_kubeconfig_is_refused_without_its_text()
    {
        var file = Write("config", "{ token: s3cr3t");

        var failure = await Assert.ThrowsAsync<BuildException>(() => Access("kind-kind", file).GetAsync(default));

        Assert.That(failure!.Message, Does.StartWith("AMB5010").And.Contain("it is not valid YAML, or not a kubeconfig (line 2)").And.Not.Contain("s3cr3t").And.Not.Contain("Exception"));
    }

    [Test]
    public async Task Of_several_files_the_one_that_holds_the_context_is_taken()
    {
        var first = Write("first", Config("production"));
        var second = Write("second", Config("kind-kind"));

        var access = await Access("kind-kind", null, string.Join(Path.PathSeparator, first, second)).GetAsync(default);

        Assert.That(access.Kubeconfig, Is.EqualTo(second));
    }

    [Test]
    [Platform("Unix")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_context_that_is_spread_over_files_is_joined_into_a_private_one()
    {
        var contexts = Write("contexts", Config("kind-kind").Split("users:")[0]);
        var users = Write("users", "users:\n- name: kind-kind\n  user: {}\n");
        var list = string.Join(Path.PathSeparator, contexts, users);
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("kubectl", "config", "view", "--raw", "--flatten", "--minify", "--context", "kind-kind")
        {
            Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = list },
            Output = "joined",
        });
        var access = Access("kind-kind", null, list, runner);

        var file = (await access.GetAsync(default)).Kubeconfig;

        Assert.That(
            (await File.ReadAllTextAsync(file), File.GetUnixFileMode(file)), Is.EqualTo(("joined", UnixFileMode.UserRead | UnixFileMode.UserWrite)));
    }

    [Test]
    [Platform("Unix")]
    public async Task Files_are_joined_once_for_all_who_ask_at_once()
    {
        var answer = new TaskCompletionSource();
        var list = string.Join(
            Path.PathSeparator, Write("contexts", Config("kind-kind").Split("users:")[0]), Write("users", "users:\n- name: kind-kind\n  user: {}\n"));
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("kubectl", "config", "view", "--raw", "--flatten", "--minify", "--context", "kind-kind")
        {
            Output = "joined",
            Before = (_, _) => answer.Task,
        });
        var access = Access("kind-kind", null, list, runner);

        var (first, second) = (access.GetAsync(default), access.GetAsync(default));
        answer.SetResult();

        Assert.That(await second, Is.SameAs(await first));
    }

    private KubeconfigAccess Access(string context, string? kubeconfig, string? variable = null, ScriptedProcessRunner? runner = null)
    {
        var settings = Substitute.For<ISettingsProvider>();
        settings.Settings.Returns(Specs.Settings with { Kubernetes = Specs.Settings.Kubernetes with { Context = context, Kubeconfig = kubeconfig } });
        Func<string, string?> environment = name => name switch { "KUBECONFIG" => variable, "XDG_STATE_HOME" => _directory.Path, _ => null };
        return new KubeconfigAccess(settings, new StateDirectory(settings, environment), runner ?? new ScriptedProcessRunner(), environment);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Config(params string[] names) =>
        $"apiVersion: v1\nkind: Config\ncurrent-context: {names[0]}\nclusters:\n"
        + string.Concat(names.Select(name => $"- name: {name}\n  cluster:\n    server: https://127.0.0.1:1\n"))
        + "contexts:\n" + string.Concat(names.Select(name => $"- name: {name}\n  context:\n    cluster: {name}\n    user: {name}\n"))
        + "users:\n" + string.Concat(names.Select(name => $"- name: {name}\n  user: {{}}\n"));
}
