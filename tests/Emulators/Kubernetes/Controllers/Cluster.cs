using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Admission;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Controllers;

/// <summary>What the parts of the emulated cluster share.</summary>
internal sealed class Cluster
{
    private TaskCompletionSource _poked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Cluster(EmulatorOptions options)
    {
        Options = options;
        Minor = int.Parse(options.GitVersion.Split('.')[1], System.Globalization.CultureInfo.InvariantCulture);
        Store = new ObjectStore(options.Clock);
        Defaults = new Defaults(Minor);
        Validation = new Validation(Minor);
        Events = new EventRecorder(Store);
        Deletion = new Deletion(Store);
        Scenario = new Scenario(Poke);
    }

    public EmulatorOptions Options { get; }

    public int Minor { get; }

    public ObjectStore Store { get; }

    public Defaults Defaults { get; }

    public Validation Validation { get; }

    public EventRecorder Events { get; }

    public Deletion Deletion { get; }

    public Scenario Scenario { get; }

    /// <summary>What a mutating policy does to every object that is written through the API.</summary>
    public Action<JsonObject>? Mutate { get; set; }

    /// <summary>Pods by uid. Used with the store's gate held.</summary>
    public Dictionary<string, PodRuntime> Runtimes { get; } = [];

    /// <summary>Nodes whose kubelet the API server does not reach, although it reports to it. Used with the store's gate held.</summary>
    public HashSet<string> UnreachedKubelets { get; } = new(StringComparer.Ordinal);

    /// <summary>The address of the pod's kubelet where the API server does not reach it; null where it does.</summary>
    public string? UnreachedKubeletOf(JsonObject pod)
    {
        lock (Store.Gate)
            return UnreachedKubelets.Contains(pod.Text("spec", "nodeName") ?? "") ? "127.0.0.1:10250" : null;
    }

    public DateTimeOffset Now => Options.Clock.GetUtcNow();

    /// <summary>Ends when the controllers should look again although no object changed.</summary>
    public Task Poked
    {
        get
        {
            lock (Store.Gate)
                return _poked.Task;
        }
    }

    public void Poke()
    {
        lock (Store.Gate)
        {
            var waiting = _poked;
            _poked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.TrySetResult();
        }
    }
}
