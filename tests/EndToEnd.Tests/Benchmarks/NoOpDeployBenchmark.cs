using System.Diagnostics;
using System.Globalization;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests.Benchmarks;

/// <summary>
/// What <c>./build.sh --target=Deploy</c> costs on a cluster where there is nothing to do, by the number of instances: the real kubectl, an
/// emulated cluster, an image that is there. No test, for the figures of a busy machine say nothing; run it by its name:
/// <c>dotnet test tests/EndToEnd.Tests -c Release --filter Name~No_op_by_instances --logger "console;verbosity=detailed"</c>.
/// </summary>
[Explicit("a benchmark")]
[Category("Benchmark")]
[Platform("Linux")]
public sealed class NoOpDeployBenchmark
{
    private const string Context = "emulated";
    private const int Repeats = 7;

    [Test]
    public async Task No_op_by_instances()
    {
        double two = 0;
        foreach (var instances in new[] { 2, 10, 100 })
        {
            var (seconds, calls) = await MeasureAsync(instances);
            two = instances == 2 ? seconds : two;
            TestContext.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{instances} instances: {seconds:0.00} s (median of {Repeats}), {calls} kubectl, {seconds / two:0.0} times that of 2"));
        }
    }

    private static async Task<(double Seconds, int Calls)> MeasureAsync(int instances)
    {
        await using var cluster = await KubernetesEmulator.StartAsync();
        using var checkout = await SharedCheckout.Copy();
        var kubeconfig = Path.Combine(checkout.Temp, "kubeconfig");
        cluster.WriteKubeconfig(kubeconfig, cluster.Admin, Context);
        var tools = new ToolJournal(checkout.Temp);
        tools.Add("kubectl", KubectlBinaries.Require(35));
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = tools.Bin + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
            ["HOME"] = checkout.Temp, // kubectl keeps what it has discovered there
            ["XDG_STATE_HOME"] = Path.Combine(checkout.Temp, "state"),
        };
        checkout.Write("AmbrosiaAKSConf.json", $$"""
            {
              "platform": "kubernetes",
              "serviceName": "many",
              "instances": [{{string.Join(", ", Enumerable.Range(0, instances).Select(i => string.Create(CultureInfo.InvariantCulture, $$"""{ "name": "many{{i:000}}", "command": ["Server"] }""")))}}],
              "images": { "public": "registry.invalid/many:1" },
              "kubernetes": { "context": "{{Context}}", "kubeconfig": "{{kubeconfig}}", "namespace": "many" },
              "verify": { "kind": "none" }
            }
            """);
        await DeployAsync(checkout, environment, "created");
        List<double> seconds = [];
        var before = tools.CallsOf("kubectl").Count;
        for (var i = 0; i < Repeats; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await DeployAsync(checkout, environment, "no pod was touched");
            seconds.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return (seconds.Order().ElementAt(Repeats / 2), (tools.CallsOf("kubectl").Count - before) / Repeats);
    }

    private static async Task DeployAsync(Checkout checkout, Dictionary<string, string?> environment, string expected)
    {
        using var process = checkout.Start(environment, "--target=Deploy", "--yes");
        var run = await process.Result(TimeSpan.FromMinutes(5));
        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Output, Does.Contain(expected), run.All);
    }
}
