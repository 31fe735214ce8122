using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Access;
using NUnit.Framework;

namespace Ambrosia.Kubernetes.Tests.Emulator;

public sealed class AccessTests(int minor) : ContractFixture(minor)
{
    [Test]
    public async Task A_user_without_rights_is_refused_in_the_server_s_words()
    {
        var user = Cluster.AddUser("limited");
        Cluster.WriteKubeconfig(Kubectl.Kubeconfig, user, "emulator");
        Cluster.Access.AllowOnly("limited", new AccessRule("get", "namespaces"));
        var list = await Kubectl.RunAsync("get", "pods");
        var nodes = await Kubectl.RunAsync("get", "nodes");
        var apply = await ApplyAsync(Manifests.Secret().ToJsonString());
        var ready = await Kubectl.RunAsync("get", "--raw", "/readyz");
        Assert.Multiple(() =>
        {
            Assert.That(list.Error, Is.EqualTo("Error from server (Forbidden): pods is forbidden: User \"limited\" cannot list resource \"pods\" in API group \"\" in the namespace \"ambrosia\"\n"));
            Assert.That(nodes.Error, Is.EqualTo("Error from server (Forbidden): nodes is forbidden: User \"limited\" cannot list resource \"nodes\" in API group \"\" at the cluster scope\n"));
            Assert.That(apply.Error, Is.EqualTo("Error from server (Forbidden): secrets \"web-secret\" is forbidden: User \"limited\" cannot patch resource \"secrets\" in API group \"\" in the namespace \"ambrosia\"\n"));
            Assert.That(ready.Output, Is.EqualTo("ok"));
        });
    }

    [Test]
    public async Task A_user_of_one_namespace_can_deploy_there()
    {
        var user = Cluster.AddUser("owner", certificate: true);
        Cluster.WriteKubeconfig(Kubectl.Kubeconfig, user, "emulator");
        Cluster.Access.AllowOnly("owner", new AccessRule("*", "*", "ambrosia"));
        await DeployAsync();
        var here = await Kubectl.RunAsync("auth", "can-i", "create", "statefulsets.apps");

        // With a namespace the question is about that namespace, even for objects that are in none.
        var there = await Kubectl.RunAsync("auth", "can-i", "list", "nodes", "--all-namespaces");
        var exec = await Kubectl.RunAsync("auth", "can-i", "create", "pods/exec");
        Assert.Multiple(() =>
        {
            Assert.That((here.ExitCode, here.Output), Is.EqualTo((0, "yes\n")));
            Assert.That((there.ExitCode, there.Output), Is.EqualTo((1, "no\n")));
            Assert.That((exec.ExitCode, exec.Output), Is.EqualTo((0, "yes\n")));
            Assert.That(Cluster.Requests.Select(request => request.User).Distinct(), Is.EqualTo(new[] { "owner" }));
        });
    }

    [Test]
    public async Task A_command_in_a_container_can_be_forbidden()
    {
        await DeployAsync();
        Cluster.Access.Deny("admin", new AccessRule("create", "pods/exec"));
        var result = await Kubectl.RunAsync("exec", "web-0", "--", "true");
        Assert.That(result.Error, Is.EqualTo("Error from server (Forbidden): pods \"web-0\" is forbidden: User \"admin\" cannot create resource \"pods/exec\" in API group \"\" in the namespace \"ambrosia\"\n"));
    }

    [Test]
    public async Task A_token_that_is_known_no_longer_is_unauthorized()
    {
        (await Kubectl.RunAsync("get", "pods")).Check();
        Cluster.Revoke(Cluster.Admin);
        var list = await Kubectl.RunAsync("get", "pods");
        var apply = await ApplyAsync(Manifests.Secret().ToJsonString());
        Assert.Multiple(() =>
        {
            Assert.That(list.Error, Is.EqualTo("error: You must be logged in to the server (Unauthorized)\n"));
            Assert.That(apply.Error, Does.StartWith("error: error validating \"STDIN\": error validating data: failed to download openapi: the server has asked for the client to provide credentials"));
        });
    }

    [Test]
    public async Task Certificates_that_do_not_hold_are_told_apart()
    {
        await using var expired = await KubernetesEmulator.StartAsync(new EmulatorOptions { ExpiredCertificate = true });
        await using var renamed = await KubernetesEmulator.StartAsync(new EmulatorOptions { CertificateOfAnotherName = true });
        expired.WriteKubeconfig(Kubectl.Kubeconfig, expired.Admin, "emulator");
        var old = await Kubectl.RunAsync("get", "--raw", "/readyz");
        renamed.WriteKubeconfig(Kubectl.Kubeconfig, renamed.Admin, "emulator");
        var other = await Kubectl.RunAsync("get", "--raw", "/readyz");
        Cluster.WriteKubeconfig(Kubectl.Kubeconfig, Cluster.Admin, "emulator", authorityPem: expired.AuthorityPem);
        var unknown = await Kubectl.RunAsync("get", "--raw", "/readyz");
        Assert.Multiple(() =>
        {
            Assert.That(old.Error, Does.Contain("tls: failed to verify certificate: x509: certificate has expired or is not yet valid"));
            Assert.That(other.Error, Does.Contain("tls: failed to verify certificate: x509: "));
            Assert.That(unknown.Error, Does.Contain("tls: failed to verify certificate: x509: certificate signed by unknown authority"));
            Assert.That(expired.Requests, Is.Empty);
        });
    }

    [Test]
    public async Task A_server_that_is_gone_refuses_the_connection()
    {
        var port = Cluster.Server.Port;
        await Cluster.DisposeAsync();
        var result = await Kubectl.RunAsync("get", "--raw", "/readyz");
        Assert.That(result.Error, Is.EqualTo($"The connection to the server 127.0.0.1:{port} was refused - did you specify the right host or port?\n"));
    }
}
