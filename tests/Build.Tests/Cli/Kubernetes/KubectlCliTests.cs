using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using k8s.Models;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli.Kubernetes;

public sealed class KubectlCliTests
{
    private static readonly ClusterAccess Access = new("/home/me/.kube/config", "kind-kind", "ambrosia");
    private static readonly string[] Prefix = ["--kubeconfig", "/home/me/.kube/config", "--context", "kind-kind", "--namespace", "ambrosia"];

    [Test]
    public async Task Objects_of_several_kinds_come_in_one_call()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl",
            [
                .. Prefix, "--request-timeout=30s", "get", "statefulsets,services", "--selector", "ambrosia-deployment=hello", "--output", "json",
                "--show-managed-fields",
            ])
        {
            Output = """{"apiVersion":"v1","kind":"List","items":[{"kind":"Service","metadata":{"name":"a"}},{"kind":"StatefulSet","metadata":{"name":"a"}}]}""",
        });

        var items = await Kubectl(runner).ListAsync(Access, ["statefulsets", "services"], "ambrosia-deployment=hello", default);

        Assert.That(items.Select(item => (string?)item["kind"]), Is.EqualTo(new[] { "Service", "StatefulSet" }));
    }

    [Test]
    public async Task Objects_of_one_kind_come_as_models()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "get", "pods", "--output", "json", "--show-managed-fields"])
        {
            Output = """{"apiVersion":"v1","kind":"List","items":[{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a-0"},"status":{"phase":"Running"}}]}""",
        });

        var pods = await Kubectl(runner).ListAsync<V1Pod>(Access, "pods", null, default);

        Assert.That(pods.Single().Status.Phase, Is.EqualTo("Running"));
    }

    [Test]
    public async Task Manifests_go_in_by_standard_input_alone()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "apply", "--server-side", "--field-manager=ambrosia", "--filename", "-"])
        {
            StandardInput = "{}",
        });

        await Kubectl(runner).ApplyAsync(Access, "{}", default);
    }

    [Test]
    public async Task A_kind_that_may_not_be_read_is_left_out()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "get", "services,persistentvolumes", "--selector", "x=y", "--output", "json", "--show-managed-fields"])
        {
            Output = """{"apiVersion":"v1","kind":"List","items":[{"kind":"Service","metadata":{"name":"a"}}]}""",
            Error = "Error from server (Forbidden): persistentvolumes is forbidden: User \"u\" cannot list resource \"persistentvolumes\" in API group \"\" at the cluster scope\n",
            ExitCode = 1,
        });

        var items = await Kubectl(runner).ListWhatMayBeReadAsync(Access, ["services", "persistentvolumes"], "x=y", default);

        Assert.That(items, Has.Count.EqualTo(1));
    }

    /// <summary>It would be taken not to be there: planned anew, or left behind by a clean-up that calls itself complete.</summary>
    [Test]
    public async Task A_kind_of_the_namespace_that_may_not_be_read_is_a_failure()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "get", "services,secrets,persistentvolumes", "--selector", "x=y", "--output", "json", "--show-managed-fields"])
        {
            Output = """{"apiVersion":"v1","kind":"List","items":[{"kind":"Service","metadata":{"name":"a"}}]}""",
            Error = "Error from server (Forbidden): secrets is forbidden: User \"u\" cannot list resource \"secrets\" in API group \"\" in the namespace \"ambrosia\"\n"
                + "Error from server (Forbidden): persistentvolumes is forbidden: User \"u\" cannot list resource \"persistentvolumes\" in API group \"\" at the cluster scope\n",
            ExitCode = 1,
        });

        var failure = await Assert.ThrowsAsync<BuildException>(
            () => Kubectl(runner).ListWhatMayBeReadAsync(Access, ["services", "secrets", "persistentvolumes"], "x=y", default));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.ClusterForbidden));
    }

    [TestCase("secrets", true)]
    [TestCase("services", false)]
    public async Task A_kind_that_nothing_depends_on_is_left_out_too(string refused, bool isLeftOut)
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "get", "services,secrets", "--selector", "x=y", "--output", "json", "--show-managed-fields"])
        {
            Output = """{"apiVersion":"v1","kind":"List","items":[]}""",
            Error = $"Error from server (Forbidden): {refused} is forbidden: User \"u\" cannot list resource \"{refused}\" in API group \"\" in the namespace \"ambrosia\"\n",
            ExitCode = 1,
        });

        Func<Task> list = () => Kubectl(runner).ListWhatMayBeReadAsync(Access, ["services", "secrets"], "x=y", default, dispensable: "secrets");

        if (isLeftOut)
            await list();
        else
            Assert.That((await Assert.ThrowsAsync<BuildException>(() => list()))!.Code, Is.EqualTo(ErrorCode.ClusterForbidden));
    }

    [Test]
    public async Task Rights_are_asked_for_in_one_command_and_an_answer_is_known_by_its_question()
    {
        const string Question =
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"ambrosia","verb":"create","group":"","resource":"pods","subresource":"exec"}}}""";
        const string Other =
            """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"","verb":"list","group":"apps","resource":"statefulsets","subresource":""}}}""";
        AccessRight exec = new("create", "pods/exec"), sets = new("list", "statefulsets.apps", InNamespace: false), unanswered = new("get", "pods");
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "create", "--filename", "-", "--validate=false", "--output", "json"])
        {
            StandardInput = $$"""{"apiVersion":"v1","kind":"List","items":[{{Question}},{{Other}}]}""",
            Output =
                """
                {"kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"list","group":"apps","resource":"statefulsets"}},"status":{"allowed":false}}
                {"kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"ambrosia","verb":"create","resource":"pods","subresource":"exec"}},"status":{"allowed":true}}
                """,
        });

        var answers = await Kubectl(runner).MayAsync(Access, [exec, sets], default);

        Assert.That((answers[exec], answers[sets], answers.ContainsKey(unanswered)), Is.EqualTo((true, false, false)));
    }

    [TestCase("")]
    [TestCase("error: something")]
    public async Task What_the_server_does_not_say_of_rights_is_not_known(string output)
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "create", "--filename", "-", "--validate=false", "--output", "json"])
        {
            Output = output,
            Error = "Error from server (NotFound): the server could not find the requested resource\n",
            ExitCode = 1,
        });

        Assert.That(await Kubectl(runner).MayAsync(Access, [new AccessRight("get", "pods")], default), Is.Empty);
    }

    [Test]
    public async Task The_exit_code_of_an_exec_is_the_commands_own()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("kubectl", [.. Prefix, "exec", "a-0", "--container", "ambrosia", "--", "false"])
        {
            ExitCode = 1,
            Error = "command terminated with exit code 1\n",
        });

        var result = await Kubectl(runner).ExecAsync(Access, "a-0", "ambrosia", ["false"], null, null, default);

        Assert.That((result.ExitCode, result.Failure), Is.EqualTo((1, (KubectlFailure?)null)));
    }

    [Test]
    public async Task An_exec_that_never_began_is_a_failure_of_the_cluster()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("kubectl", [.. Prefix, "exec", "a-0", "--container", "ambrosia", "--", "true"])
        {
            ExitCode = 1,
            Error = "Error from server (NotFound): pods \"a-0\" not found\n",
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => Kubectl(runner).ExecAsync(Access, "a-0", "ambrosia", ["true"], null, null, default));

        Assert.That(failure!.Code, Is.EqualTo(ErrorCode.ClusterRequestFailed));
    }

    [Test]
    public async Task A_pod_is_deleted_only_if_it_is_the_one_that_was_seen()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "delete", "--raw", "/api/v1/namespaces/ambrosia/pods/a-0", "--filename", "-"])
        {
            StandardInput = """{"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"of-the-former"}}""",
            ExitCode = 1,
            Error = "Error from server (Conflict): Operation cannot be fulfilled on pods \"a-0\": the UID in the precondition (of-the-former) does not match the UID in record (u). The object might have been deleted and then recreated\n",
        });

        var result = await Kubectl(runner).DeletePodAsync(Access, "a-0", "of-the-former", default);

        Assert.That(result.Failure?.Kind, Is.EqualTo(KubectlFailureKind.StaleObject));
    }

    [Test]
    public async Task A_failure_shows_kubectls_words_without_secrets()
    {
        var mask = new SecretMask();
        mask.Add("s3cr3t-key");
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "apply", "--server-side", "--field-manager=ambrosia", "--filename", "-"])
        {
            ExitCode = 1,
            Error = "Error from server (Forbidden): no s3cr3t-key for you\n",
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => new KubectlCli(runner, mask).ApplyAsync(Access, "{}", default));

        Assert.That(failure!.Message, Does.StartWith("AMB5011: kubectl apply failed with exit code 1.").And.Contain("no *** for you"));
    }

    [Test]
    public async Task A_cluster_that_is_not_there_is_named_by_its_context()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand(
            "kubectl", [.. Prefix, "--request-timeout=30s", "apply", "--server-side", "--field-manager=ambrosia", "--filename", "-"])
        {
            ExitCode = 1,
            Error = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
        });

        var failure = await Assert.ThrowsAsync<BuildException>(() => new KubectlCli(runner, new SecretMask()).ApplyAsync(Access, "{}", default));

        Assert.That(failure!.Message, Does.StartWith($"AMB5010: The cluster of context {Access.Context} cannot be asked: kubectl apply failed with exit code 1."));
    }

    [Test]
    public async Task Versions_are_known_also_when_the_server_does_not_answer()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("kubectl", [.. Prefix, "--request-timeout=30s", "version", "--output", "json"])
        {
            Output = """{"clientVersion":{"gitVersion":"v1.35.2"}}""",
            Error = "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
            ExitCode = 1,
        });

        var versions = await Kubectl(runner).VersionAsync(Access, default);

        Assert.Multiple(() =>
        {
            Assert.That(KubectlVersions.Minor(versions.Client), Is.EqualTo(35));
            Assert.That(versions.Server, Is.Null);
            Assert.That(versions.Failure?.Kind, Is.EqualTo(KubectlFailureKind.Unreachable));
        });
    }

    private static KubectlCli Kubectl(ScriptedProcessRunner runner) => new(runner, new SecretMask());
}
