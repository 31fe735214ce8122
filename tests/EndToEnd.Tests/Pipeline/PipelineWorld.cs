using System.Diagnostics;
using System.Globalization;
using Ambrosia.Emulators.Kubernetes;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Testing;
using Ambrosia.Testing.Docker;

namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>A checkout as a user has it, with real tools, a registry, and an emulated cluster whose pods work as a performance test does.</summary>
internal sealed class PipelineWorld : IAsyncDisposable
{
    public const string Service = "pipe";
    public const string Namespace = "pipe-space";
    public const string Server = "pipeserver";
    public const string Job = "pipejob";
    public const int Rounds = 3;
    public const long RoundBytes = 64L << 20;

    /// <summary>The application's own directory in the checkout: an image that takes a moment. That of app/ has tests of its own.</summary>
    public const string Application = "service";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
    private static readonly string[] JournalledTools = ["az", "kubectl", "docker"];

    private readonly DirectoryInfo _home;
    private readonly ArgumentWatch _watch;
    private readonly Dictionary<string, string?> _environment;
    private readonly ToolJournal _tools;
    private readonly Func<IEnumerable<string>> _secrets;

    private PipelineWorld(
        DirectoryInfo home, Checkout checkout, KubernetesEmulator cluster, RegistryServer registry, ToolJournal tools,
        IReadOnlyDictionary<string, string?> environment, Func<IEnumerable<string>> secrets)
    {
        (_home, Checkout, Cluster, Registry, _tools, _secrets) = (home, checkout, cluster, registry, tools, secrets);
        _watch = ArgumentWatch.Start();
        tools.Add("kubectl", KubectlBinaries.Require(35));
        tools.Add("docker", Machinery.Engine.Client);
        _environment = new Dictionary<string, string?>
        {
            ["PATH"] = tools.Bin + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
            ["DOCKER_HOST"] = Machinery.Engine.Host,
            ["DOCKER_BUILDKIT"] = "0",
            ["XDG_STATE_HOME"] = StateHome,
            ["AMBROSIA_VERIFY_ROUNDS"] = Rounds.ToString(CultureInfo.InvariantCulture),
            ["AMBROSIA_VERIFY_ROUND_BYTES"] = RoundBytes.ToString(CultureInfo.InvariantCulture),
            ["KUBECONFIG"] = Path.Combine(home.FullName, "nobody's kubeconfig"),
        };
        foreach (var (name, value) in environment)
            _environment[name] = value;
        Simulation = new SimulatedService(cluster, $"generated-{Server}-0", $"generated-{Job}-0", Rounds, RoundBytes) { PerStep = TimeSpan.FromMilliseconds(30) };
    }

    public Checkout Checkout { get; }

    public KubernetesEmulator Cluster { get; }

    public RegistryServer Registry { get; }

    public SimulatedService Simulation { get; }

    public SentinelScan Scan { get; } = new();

    /// <summary>Command lines that were seen from outside while runs went on.</summary>
    public IReadOnlyList<string> SeenCommandLines => _watch.CommandLines;

    /// <summary>Where the suite keeps what must not be in the checkout.</summary>
    public string StateHome => Path.Combine(_home.FullName, "state");

    /// <summary>The folders of deployments in it.</summary>
    public IReadOnlyList<string> States =>
        Directory.Exists(Path.Combine(StateHome, "ambrosia")) ? Directory.GetFileSystemEntries(Path.Combine(StateHome, "ambrosia")) : [];

    /// <param name="tools">Null for those of a directory of its own.</param>
    /// <param name="environment">Of every run; goes before what every pipeline has.</param>
    /// <param name="secrets">What may be seen nowhere, beside the cluster's and the registry's; asked again after each run.</param>
    public static async Task<PipelineWorld> StartAsync(
        RegistryServer registry, KubernetesEmulator cluster, ToolJournal? tools, IReadOnlyDictionary<string, string?> environment, Func<IEnumerable<string>> secrets)
    {
        var home = Directory.CreateTempSubdirectory("ambrosia-pipeline-");
        var checkout = await SharedCheckout.Copy();
        var world = new PipelineWorld(home, checkout, cluster, registry, tools ?? new ToolJournal(home.FullName), environment, secrets);
        world.WriteApplication("first");
        return world;
    }

    /// <summary>An image of two layers, of which the upper one is the application.</summary>
    public void WriteApplication(string content)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Checkout.Root, Application)).FullName;
        File.WriteAllText(Path.Combine(directory, "Dockerfile"), "FROM scratch\nCOPY runtime /runtime\nCOPY application /application\n");
        File.WriteAllText(Path.Combine(directory, "runtime"), "the runtime\n");
        File.WriteAllText(Path.Combine(directory, "application"), content + "\n");
    }

    public Task<PipelineRun> RunAsync(params string[] args) => RunAsync(null, args);

    /// <param name="during">What the test does while it goes on.</param>
    public async Task<PipelineRun> RunAsync(Func<CommandLineProcess, Task>? during, params string[] args)
    {
        Cluster.Requests.Clear();
        var before = JournalledTools.ToDictionary(tool => tool, tool => _tools.CallsOf(tool).Count);
        var started = Stopwatch.GetTimestamp();
        using var process = Checkout.Start(_environment, args);
        if (during is not null)
            await during(process);
        var result = await process.Result(Limit);
        var run = new PipelineRun(
            result, Stopwatch.GetElapsedTime(started),
            before.ToDictionary(tool => tool.Key, tool => (IReadOnlyList<string>)[.. _tools.CallsOf(tool.Key).Skip(tool.Value)]), Mutations());
        Record(string.Join(' ', args), run);
        return run;
    }

    /// <summary>Looks at all surfaces of a run before the next one may sweep them.</summary>
    private void Record(string name, PipelineRun run)
    {
        List<string> secrets = [.. _secrets(), .. Cluster.Sentinels, Registry.Password];
        Scan.Text($"standard output of {name}", run.Output, secrets);
        Scan.Text($"standard error of {name}", run.Error, secrets);
        foreach (var (tool, calls) in run.Calls)
            Scan.Text($"arguments of {tool} in {name}", string.Join('\n', calls), secrets);
        Scan.Text($"command lines seen during {name}", string.Join('\n', SeenCommandLines), secrets);
        Scan.Files(Checkout.Root, secrets);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        Checkout.Dispose();
        await Cluster.DisposeAsync();
        await Registry.DisposeAsync();
        _home.Delete(recursive: true);
    }

    private List<string> Mutations() =>
    [
        .. from request in Cluster.Requests
           where request.Method is "PATCH" or "POST" or "PUT" or "DELETE"
           where !request.Path.Contains("/exec", StringComparison.Ordinal) && !request.Path.Contains("/selfsubject", StringComparison.Ordinal)
           where !request.Query.Contains("dryRun=All", StringComparison.Ordinal)
           select $"{request.Method} {string.Join('/', request.Path.Split('/')[^2..])}",
    ];
}
