using System.Text.Json.Nodes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes;

public sealed class LogWritersTests
{
    private static readonly ClusterAccess Access = new("/k", "kind-kind", "ambrosia");

    private static readonly LogWriter Old = new("registry.invalid:5000/perftest@sha256:" + new string('a', 64), "0011223344556677");
    private static readonly LogWriter Next = new("registry.invalid:5000/perftest@sha256:" + new string('b', 64), "8899aabbccddeeff");
    private static readonly LogWriter Third = new("registry.invalid:5000/perftest:main", "0123456789abcdef");

    [Test]
    public void What_is_written_is_read_again() => Assert.That(Read(new LogWriters([Old, Third]).ToString())!.All, Is.EqualTo(new[] { Old, Third }));

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void An_empty_record_is_none(string? text) => Assert.That(Read(text), Is.Null);

    /// <summary>A record that somebody has written by hand must not let code pass.</summary>
    [TestCase("registry.invalid/perftest")]
    [TestCase("#")]
    public void A_record_that_cannot_be_read_is_that_of_other_code(string text) => Assert.That(Read(text)!.IsOnly(Next), Is.False);

    /// <summary>Ready means primary, and that begins with a checkpoint.</summary>
    [Test]
    public void Code_that_is_ready_is_the_only_one_until_other_code_comes() => Assert.Multiple(() =>
    {
        Assert.That(During(Old, isReady: true, Old, Old, Third), Is.EqualTo(new[] { Old }));
        Assert.That(During(Old, isReady: true, Next, Old), Is.EqualTo(new[] { Old, Next }));
        Assert.That(During(Old, isReady: true, Next), Is.EqualTo(new[] { Old, Next }), "of a claim without a record");
    });

    /// <summary>Whatever the record names may still have messages in the logs.</summary>
    [Test]
    public void Code_that_is_not_ready_displaces_no_other() => Assert.Multiple(() =>
    {
        Assert.That(During(Next, isReady: false, Next, Old, Next), Is.EqualTo(new[] { Old, Next }));
        Assert.That(During(Next, isReady: false, Third, Old, Next), Is.EqualTo(new[] { Old, Next, Third }));
        Assert.That(During(Next, isReady: false, Old, Old, Next), Is.EqualTo(new[] { Old, Next }), "back to the former");
        Assert.That(During(null, isReady: false, Next, Old), Is.EqualTo(new[] { Old, Next }));
    });

    [TestCase(false)]
    [TestCase(true)]
    public void Where_nobody_knows_nothing_is_claimed_before_code_is_ready(bool runs) =>
        Assert.That(LogWriters.During(null, runs ? Old : null, isReady: false, Next), Is.Null);

    [Test]
    public void Logs_of_the_same_code_are_replayed() => Assert.That(LeftLogs.Decide(new LogWriters([Next]), Next, isOriginalRuntime: false), Is.TypeOf<LeftLogs.Go>());

    [Test]
    public void Logs_without_a_record_are_replayed_with_a_warning() => Assert.That(LeftLogs.Decide(null, Next, isOriginalRuntime: false), Is.TypeOf<LeftLogs.Warn>());

    /// <summary>Its upgrades replay what the old code recorded, for want of a checkpoint on demand.</summary>
    [Test]
    public void Microsofts_runtime_is_only_warned_of() =>
        Assert.That(LeftLogs.Decide(new LogWriters([Old]), Next, isOriginalRuntime: true), Is.TypeOf<LeftLogs.Warn>());

    [Test]
    public void Logs_of_other_code_name_it_as_the_way_out()
    {
        var refusal = Refusal(Old);
        Assert.Multiple(() =>
        {
            Assert.That(refusal.What, Does.Contain($"they were recorded by {Old.Image}. Nothing was changed."));
            Assert.That(refusal.Remedy, Does.StartWith($"./build.sh --target=Deploy --image=sha256:{new string('a', 64)} runs what recorded them"));
            Assert.That(refusal.Remedy, Does.Contain("--fresh starts perftest from empty logs; kubectl --kubeconfig /k --context kind-kind --namespace ambrosia delete persistentvolumeclaim/a lets server alone do so"));
        });
    }

    [Test]
    public void Logs_of_the_same_image_with_other_arguments_are_told_apart()
    {
        var refusal = Refusal(Old with { Image = Next.Image });
        Assert.Multiple(() =>
        {
            Assert.That(refusal.What, Does.Contain("with another command, other arguments or another environment"));
            Assert.That(refusal.Remedy, Does.StartWith("set back in the configuration").And.Not.Contain("--image"));
        });
    }

    [Test]
    public void Logs_of_an_upgrade_that_was_not_finished_are_for_a_person_to_judge() => Assert.Multiple(() =>
    {
        Assert.That(LeftLogs.Decide(new LogWriters([Old, Next]), Next, isOriginalRuntime: false), Is.TypeOf<LeftLogs.Refuse>());
        Assert.That(Refusal(Old, Next).What, Does.Contain($"by {Old.Image} or by {Next.Image}: that upgrade was not finished"));
        Assert.That(Refusal(Old, Next).Remedy, Does.Contain("kubectl --kubeconfig /k --context kind-kind --namespace ambrosia annotate persistentvolumeclaim/a ambrosia.io/log-code- takes the record away"));
    });

    /// <summary>Before anything is approved, built and pushed for nothing.</summary>
    [Test]
    public void A_plan_shows_the_refusal_where_the_image_is_known() => Assert.Multiple(() =>
    {
        var conflict = LeftLogs.Show(Left(Specs.Claims, Old), Access).Conflicts.Single();
        Assert.That((conflict.Object.Kind, conflict.Reason), Is.EqualTo(("StatefulSet", Refusal(Old).What.Replace("server has", $"{conflict.Instance} has", StringComparison.Ordinal)[..^". Nothing was changed.".Length])));
        Assert.That(conflict.Remedy, Does.Contain("runs what recorded them").And.Contain("--fresh"));
        Assert.That(LeftLogs.Show(Left(Specs.Claims with { Image = null }, Old), Access).Conflicts, Is.Empty);
        Assert.That(LeftLogs.Show(Left(Specs.Claims, LogWriter.Of(Sets(Specs.Claims)[0])!), Access).Conflicts, Is.Empty, "the code that recorded them");
    });

    [Test]
    public void Equal_code_has_one_fingerprint_however_the_server_writes_it()
    {
        var code = Container("""{"name":"ambrosia","image":"a","command":["c"],"args":["1","2"],"env":[{"name":"X","value":""},{"name":"Y","value":"1"}]}""");
        var same = Container("""{"resources":{},"env":[{"name":"X"},{"value":"1","name":"Y"}],"args":["1","2"],"command":["c"],"image":"a","name":"ambrosia"}""");
        Assert.That(ContainerCode.Fingerprint(same), Is.EqualTo(ContainerCode.Fingerprint(code)));
    }

    [TestCase("""{"image":"b","command":["c"],"args":["1","2"]}""")]
    [TestCase("""{"image":"a","command":["d"],"args":["1","2"]}""")]
    [TestCase("""{"image":"a","command":["c"],"args":["2","1"]}""")]
    [TestCase("""{"image":"a","command":["c"],"args":["1","2"],"env":[{"name":"X","value":"1"}]}""")]
    public void Other_code_has_another_fingerprint(string other) => Assert.That(
        ContainerCode.Fingerprint(Container(other)), Is.Not.EqualTo(ContainerCode.Fingerprint(Container("""{"image":"a","command":["c"],"args":["1","2"]}"""))));

    /// <summary>The claim of the first instance is there alone.</summary>
    private static KubernetesPlan Left(DeploymentSpec spec, LogWriter recorded)
    {
        var claim = ManifestBuilder.Build(spec).First(item => item.Kind == "PersistentVolumeClaim");
        var live = claim.WithAnnotation(Naming.LogCodeAnnotation, new LogWriters([recorded]).ToString());
        return KubernetesPlanner.Plan(spec, new ObservedObjects(true, null, true, [live]), fresh: false);
    }

    private static KubeObject[] Sets(DeploymentSpec spec) => [.. ManifestBuilder.Build(spec).Where(item => item.Kind == "StatefulSet")];

    private static JsonNode Container(string json) => JsonNode.Parse(json)!;

    private static Errors.BuildException Refusal(params LogWriter[] recorded) =>
        ((LeftLogs.Refuse)LeftLogs.Decide(new LogWriters(recorded), Next, isOriginalRuntime: false)).ToException(Access, "perftest", "server", "persistentvolumeclaim/a", isOnShare: false);

    private static IReadOnlyList<LogWriter> During(LogWriter? running, bool isReady, LogWriter next, params LogWriter[] recorded) =>
        LogWriters.During(recorded.Length == 0 ? null : new LogWriters(recorded), running, isReady, next)!.All;

    private static LogWriters? Read(string? text) => LogWriters.Of(new KubeObject(new JsonObject
    {
        ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [Naming.LogCodeAnnotation] = text } },
    }));
}
