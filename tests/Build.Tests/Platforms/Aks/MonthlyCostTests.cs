using Ambrosia.Build.Platforms.Aks.Pricing;
using NUnit.Framework;
using static Ambrosia.Build.Tests.Platforms.Aks.Deployed;

namespace Ambrosia.Build.Tests.Platforms.Aks;

public sealed class MonthlyCostTests
{
    [Test]
    public void The_cost_is_a_line_with_its_parts_and_its_date() => Assert.That(
        MonthlyCost.Describe(Default),
        Is.EqualTo(
            "Estimated cost: about 226 USD a month (2 x Standard_D2s_v5 140, their disks 39, load balancer 22, registry Standard 20, "
            + "up to 80 GiB share Standard_LRS 5); list prices of East US as of 2026-09"));

    [Test]
    public void An_unknown_size_is_said_to_be_unknown() => Assert.That(
        MonthlyCost.Describe(WithCluster(cluster => cluster with { VmSize = "Standard_M8ms" })),
        Does.StartWith("Estimated cost: more than 86 USD a month (2 x Standard_M8ms unknown, "));

    [Test]
    public void Log_disks_are_billed_by_their_next_larger_size() => Assert.That(
        MonthlyCost.Describe(WithStorage(storage => storage with { Kind = "disk" })), Does.Contain("2 log disks of 16 GiB 5"));

    [TestCase("az group list", "az")]
    [TestCase("AZURE_CORE_NO_COLOR=1 A=2 az account show", "az")]
    [TestCase("/usr/bin/kubectl version", "kubectl")]
    public void The_benchmark_counts_calls_by_program(string commandLine, string program) =>
        Assert.That(Build.Platforms.Aks.Benchmarking.RerunBenchmark.Tool(commandLine), Is.EqualTo(program));

    [Test]
    public void A_public_image_costs_no_registry() => Assert.That(
        MonthlyCost.Describe(Default with { Images = Default.Images with { Public = "a/b" } }), Does.Not.Contain("registry"));
}
