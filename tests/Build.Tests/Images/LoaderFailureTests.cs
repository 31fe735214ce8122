using Ambrosia.Build.Images;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

/// <summary>Words of ctr, sudo, sudo-rs and minikube.</summary>
public sealed class LoaderFailureTests
{
    private const string Socket = "/run/k3s/containerd/containerd.sock";

    [TestCase("k3s", "sudo: a password is required", "sudo does not run it here")]
    [TestCase("k3s", "sudo: interactive authentication is required", "sudo does not run it here")]
    [TestCase("k3s", "me is not in the sudoers file.", "sudo does not run it here")]
    [TestCase("k3s", "Sorry, user me is not allowed to execute '/usr/local/bin/k3s ctr' as root on here.\nsudo: 1 incorrect password attempt", "sudo does not run it here")]
    [TestCase("k3s", "sudo was not found.", "sudo does not run it here")]
    [TestCase(
        "k3s",
        "ctr: failed to dial \"" + Socket + "\": connection error: desc = \"transport: error while dialing: dial unix " + Socket + ": connect: permission denied\"",
        "sudo does not run it here")]
    [TestCase("k3s", "sudo: k3s: command not found", "not where sudo looks")]
    [TestCase(
        "k3s",
        "ctr: failed to dial \"" + Socket + "\": connection error: desc = \"transport: error while dialing: dial unix " + Socket + ": connect: no such file or directory\"",
        "k3s does not run on this machine")]
    [TestCase("k3s", "ctr: failed to copy: write /var/lib/rancher/k3s/agent/containerd/ingest: no space left on device", "the node's disk is full")]
    [TestCase("minikube", "X Exiting due to GUEST_IMAGE_LOAD: write /tmp/x: no space left on device", "the node's disk is full")]
    [TestCase("minikube", "* Profile \"minikube\" not found. Run \"minikube profile list\" to view all profiles.", null)]
    public void The_cause_is_told_from_the_words_of_the_tool(string context, string output, string? cause)
    {
        var (found, remedy) = LoaderFailure.Advise(NodeLoader.Of(context)!, "perftest:1", output);

        Assert.That(found, cause is null ? Is.Null : Does.Contain(cause));
        Assert.That(remedy, Is.Not.Empty);
    }

    [Test]
    public void What_is_not_known_is_shown_as_the_tool_said_it() => Assert.That(
        LoaderFailure.Explain(NodeLoader.Of("kind-demo")!, ["kind", "load", "docker-image", "perftest:1", "--name", "demo"], "perftest:1", "ERROR: no nodes found for cluster \"demo\"\n").Message,
        Is.EqualTo(
            "AMB4005: kind load docker-image perftest:1 --name demo failed.\n"
            + "  output: ERROR: no nodes found for cluster \"demo\"\n"
            + "  fix:    correct what it names; or set kubernetes.registry, or another kubernetes.imageLoader"));
}
