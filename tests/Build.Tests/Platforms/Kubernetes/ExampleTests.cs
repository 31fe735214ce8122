using System.Text.Json;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class ExampleTests
{
    [TestCase("performancetest", "ambrosia/ambrosia-perftest")]
    [TestCase("helloworld", "ambrosia/ambrosia-hello")]
    public void An_example_needs_its_names_alone(string name, string image)
    {
        var settings = Example(name);
        Assert.Multiple(() =>
        {
            Assert.That(settings.Runtime, Is.EqualTo(RuntimeKind.Ambrosia));
            Assert.That(settings.Images.Public, Is.EqualTo(image));
            Assert.That(settings.Instances, Has.Count.EqualTo(2));
        });
    }

    [Test]
    public void HelloWorld_is_started_and_registered_as_the_original_scripts_did()
    {
        var settings = Example("helloworld");
        var spec = new DeploymentSpec(settings, new ContainerImage(settings.Images.Public!, true, false), Specs.Share, Specs.ShareKey, null, Specs.Connection);
        var container = spec.Objects<k8s.Models.V1StatefulSet>()[1].Spec.Template.Spec.Containers[0];
        Assert.Multiple(() =>
        {
            Assert.That(container.Command[^1], Is.EqualTo("runAmbrosiaService.sh"));
            Assert.That(container.Args, Is.EqualTo(new[] { "dotnet", "Client1/publish/Client1.dll", "helloclient", "helloserver" }));
            Assert.That(container.Ports.Select(port => port.ContainerPort), Is.EqualTo(new[] { 21500, 1000, 1001, 4022 }));
            Assert.That(
                Registration.DockerArguments("ambrosia/ambrosia-dev", settings, settings.Instances[0], "a-container").Skip(9),
                Is.EqualTo(new[] { "-i", "helloserver", "--rp", "2000", "--sp", "2001", "-l", "/ambrosia_logs", "--lts", "1024" }));
        });
    }

    [Test]
    public void The_original_performance_test_is_given_no_argument_that_it_does_not_know()
    {
        var settings = Example("performancetest");
        Assert.Multiple(() =>
        {
            Assert.That(settings.Verify.ExpectedBytes, Is.EqualTo(20L << 30));
            Assert.That(JsonSerializer.Serialize(settings.Instances), Does.Not.Contain("round-bytes").And.Not.Contain("roundBytes"));
        });
    }

    internal static BuildSettings Example(string name) => Load.Text(
        CheckoutFile.Read($"examples/{name}.json")
            .Replace("PASTE_SUBSCRIPTION_ID_HERE", "00000000-0000-0000-0000-000000000000", StringComparison.Ordinal)
            .Replace("xyz", "abc", StringComparison.Ordinal));
}
