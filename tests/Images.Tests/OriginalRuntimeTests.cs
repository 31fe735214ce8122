using System.Security.Cryptography;
using System.Text;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>Microsoft's runtime, as far as docker and an image of that shape can show it: how instances are registered and started.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class OriginalRuntimeTests
{
    private readonly string _key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(48));

    private string Connection => $"DefaultEndpointsProtocol=https;AccountName=account;AccountKey={_key};EndpointSuffix=core.windows.net";

    private string ToldOfConnection => $"{Connection.Length} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Connection)))}  -\n";

    [Test]
    public async Task Defect_5_each_instance_is_registered_with_its_words_and_the_connection_string_is_in_its_environment_alone(CancellationToken cancellation)
    {
        var image = await StandInRuntime.RequireAsync(cancellation);
        using var home = new TemporaryDirectory();
        var journal = new ToolJournal(home.Path);
        journal.Add("docker", Machinery.Engine.Client);
        using var suite = new Suite(new SuiteOptions { Client = new("journal", Path.Combine(journal.Bin, "docker"), null) });
        var runner = new RecordingRunner(suite.Runner);
        var plan = Plan(KubernetesSpecs.Original(image, Connection, KubernetesSpecs.Server, KubernetesSpecs.Job));
        IReadOnlyList<string> exposed;
        await using (var watch = ArgumentWatch.Start())
        {
            await new Registrar(runner, suite.Mask, suite.Console).RegisterAsync(plan, cancellation);
            Assert.That(watch.CommandLines, Has.Some.Contains("docker run --rm --name ambrosia-register-perftestserver-"), "the watch saw what it was for");
            exposed = watch.Containing([_key]);
        }

        Assert.That(runner.Outputs, Is.EqualTo(new[]
        {
            $"<RegisterInstance><-i><perftestserver><--rp><21001><--sp><21002><-l></ambrosia_logs><--lts><16>\n{ToldOfConnection}",
            $"<RegisterInstance><-i><perftestclient><--rp><22001><--sp><22002><-l></ambrosia_logs><--lts><1024>\n{ToldOfConnection}",
        }));
        Assert.That(exposed, Is.Empty);
        Assert.That(journal.CallsOf("docker"), Has.Count.EqualTo(2).And.All.Contain("--env AZURE_STORAGE_CONN_STRING ").And.All.Not.Contain(_key));
        Assert.That(suite.Output, Does.Contain("perftestserver: registered").And.Contain("docker run").And.Not.Contain(_key));
        Assert.That(string.Join('\n', suite.Commands) + suite.State, Does.Not.Contain(_key));
        Assert.That(await ContainersAsync("ambrosia-register-perftest", cancellation), Is.Empty);
    }

    [Test]
    public async Task Defect_15_only_what_has_changed_is_registered(CancellationToken cancellation)
    {
        var image = await StandInRuntime.RequireAsync(cancellation);
        var spec = KubernetesSpecs.Original(image, Connection, KubernetesSpecs.Server, KubernetesSpecs.Job);
        using var suite = new Suite(new SuiteOptions());
        var registrar = new Registrar(suite.Runner, suite.Mask, suite.Console);

        await registrar.RegisterAsync(Plan(spec, live: spec), cancellation);
        Assert.That(suite.Commands, Is.Empty);

        var before = KubernetesSpecs.Original(image, Connection, KubernetesSpecs.Server, KubernetesSpecs.Job with { ReceivePort = 22009 });
        await registrar.RegisterAsync(Plan(spec, live: before), cancellation);
        Assert.That(suite.Commands, Has.Count.EqualTo(1).And.All.Contain("RegisterInstance -i perftestclient --rp 22001 "));
    }

    [Test]
    public async Task A_refusal_is_told_in_the_programs_words_without_the_secret_and_says_what_to_do(CancellationToken cancellation)
    {
        var image = await StandInRuntime.RequireAsync(cancellation);

        var error = await FailureAsync(image, StandInRuntime.Refused, cancellation);

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ToolFailed));
        Assert.That(error.Message, Does.Contain("refused was not registered").And.Contain("exit code 134").And.Contain("Unhandled exception. No such account: ***"));
        Assert.That(error.Message, Does.Contain("check the connection string").And.Not.Contain(_key));
        Assert.That(await ContainersAsync("ambrosia-register-refused", cancellation), Is.Empty);
    }

    [Test]
    public async Task An_image_of_something_else_is_named(CancellationToken cancellation)
    {
        var error = await FailureAsync(Ambrosia.Testing.Docker.StandInImages.Default, "server", cancellation);

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ToolFailed));
        Assert.That(error.Message, Does.Contain("has no program Ambrosia").And.Contain("executable file not found").And.Contain("ambrosia/ambrosia-dev"));
    }

    [Test]
    public async Task An_image_that_may_not_be_pulled_is_named(CancellationToken cancellation)
    {
        var error = await FailureAsync($"{Machinery.Registry.Server}/microsoft/runtime:1", "server", cancellation);

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageNotFound));
        Assert.That(error.Message, Does.Contain("no basic auth credentials").And.Contain("docker login"));
    }

    [Test]
    public async Task An_interrupted_registration_leaves_neither_a_docker_nor_a_container(CancellationToken cancellation)
    {
        var image = await StandInRuntime.RequireAsync(cancellation);
        var plan = Plan(KubernetesSpecs.Original(image, Connection, KubernetesSpecs.Server with { Name = StandInRuntime.Endless }));
        using var suite = new Suite(new SuiteOptions());
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var registering = new Registrar(suite.Runner, suite.Mask, suite.Console).RegisterAsync(plan, interrupt.Token);
        using (var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50)))
        {
            while (!await IsAtWorkAsync(cancellation))
                await timer.WaitForNextTickAsync(cancellation);
        }

        await interrupt.CancelAsync();

        Assert.That(async () => await registering, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await ContainersAsync("ambrosia-register-endless", cancellation), Is.Empty);
        Assert.That(Clients("ambrosia-register-endless"), Is.Empty);

        static async Task<bool> IsAtWorkAsync(CancellationToken cancellation) =>
            (await ContainersAsync("ambrosia-register-endless", cancellation)).Trim() is { Length: > 0 } name
            && Clients(name).Any()
            && (await Machinery.Engine.DockerAsync(cancellation, "logs", name)).Contains("RegisterInstance", StringComparison.Ordinal);
    }

    [Test]
    public async Task The_manifest_starts_runAmbrosiaService_with_the_apps_words_untouched_and_all_that_it_asks_its_environment_for(CancellationToken cancellation)
    {
        var image = await StandInRuntime.RequireAsync(cancellation);
        using var logs = new TemporaryDirectory();
        string[] words = ["--sp", "{receivePort}", "--rp", "{sendPort}", "-n", "{rounds}", "two words", "$(touch /x)`id`;'\"*", ""];
        var instance = KubernetesSpecs.Server with { Command = ["printf", "<%s>", .. words] };
        var spec = KubernetesSpecs.Original(image, Connection, instance);
        var hash = ToldOfConnection.Split(' ')[1];

        await using var container = await ManifestContainer.StartAsync(
            InstanceManifests.StatefulSet(spec, instance).Spec.Template.Spec, logs.Path,
            new Dictionary<string, string> { [SecretManifests.ConnectionKey] = Connection }, cancellation);

        Assert.That(await container.ExitAsync(cancellation), Is.Zero);
        Assert.That((await container.LogAsync(cancellation)).ReplaceLineEndings("\n"), Is.EqualTo(
            $"""
            pid 1, a terminal, user 0
            AMBROSIA_INSTANCE_NAME=perftestserver
            AMBROSIA_IMMORTALCOORDINATOR_PORT=21500
            AMBROSIA_LOGDIR=/ambrosia_logs
            AZURE_STORAGE_CONNECTION_STRING={hash}  -
            AZURE_STORAGE_CONN_STRING={hash}  -
            may write
            <--sp><21001><--rp><21002><-n><3><two words><$(touch /x)`id`;'"*><>
            """.ReplaceLineEndings("\n")));
        Assert.That(File.Exists(logs["written"]), Is.True, "the volume is where the runtime is told to log");
    }

    private async Task<BuildException> FailureAsync(string image, string instance, CancellationToken cancellation)
    {
        using var suite = new Suite(new SuiteOptions());
        var plan = Plan(KubernetesSpecs.Original(image, Connection, KubernetesSpecs.Server with { Name = instance }));
        return (await Assert.ThrowsAsync<BuildException>(() => new Registrar(suite.Runner, suite.Mask, suite.Console).RegisterAsync(plan, cancellation)))!;
    }

    private static KubernetesPlan Plan(DeploymentSpec spec, DeploymentSpec? live = null) => new(spec,
    [
        .. spec.Settings.Instances.Select((instance, i) => new PlannedObject(
            KubeObject.Of(InstanceManifests.StatefulSet(spec, instance)),
            live is null ? null : KubeObject.Of(InstanceManifests.StatefulSet(live, live.Settings.Instances[i])),
            live is null ? ObjectAction.Create : ObjectAction.Update, "a test")),
    ]);

    private static async Task<string> ContainersAsync(string name, CancellationToken cancellation) =>
        await Machinery.Engine.DockerAsync(cancellation, "container", "ls", "--all", "--filter", $"name={name}", "--format", "{{.Names}}");

    /// <summary>The docker clients that still run with such a name among their arguments.</summary>
    private static IEnumerable<string> Clients(string name)
    {
        foreach (var directory in Directory.GetDirectories("/proc").Where(directory => char.IsAsciiDigit(Path.GetFileName(directory)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
            }
            catch (IOException)
            {
                continue; // It has ended.
            }

            if (line.Contains(name, StringComparison.Ordinal))
                yield return line;
        }
    }
}
