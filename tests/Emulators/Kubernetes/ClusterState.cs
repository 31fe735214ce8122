using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;
using k8s;
using k8s.Models;

namespace Ambrosia.Emulators.Kubernetes;

/// <summary>The objects of the emulated cluster, for a test to look at and to change, past all rules of the API.</summary>
public sealed class ClusterState
{
    private readonly Cluster _cluster;

    internal ClusterState(Cluster cluster) => _cluster = cluster;

    /// <summary>A copy of an object; null when it does not exist.</summary>
    /// <param name="namespace">Empty for the cluster's own objects.</param>
    public T? Get<T>(string @namespace, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        _cluster.Store.Get(ResourceType.Of<T>(), @namespace, name) is { } item ? Typed<T>(item) : null;

    /// <summary>Copies of all objects of a kind.</summary>
    /// <param name="namespace">Null for all.</param>
    public IReadOnlyList<T> List<T>(string? @namespace = null)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        [.. _cluster.Store.List(ResourceType.Of<T>(), @namespace).Select(Typed<T>)];

    /// <summary>A copy of an object as the API answers it; null when it does not exist.</summary>
    public JsonObject? Json(string plural, string @namespace, string name) =>
        _cluster.Store.Get(ResourceType.Of(plural), @namespace, name)?.Copy();

    /// <summary>Makes an object, or writes it over the one that is there; the server's default values are filled in.</summary>
    public T Put<T>(T item)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var type = ResourceType.Of<T>();
        var json = (JsonObject)JsonNode.Parse(KubernetesJson.Serialize(item))!;
        lock (_cluster.Store.Gate)
        {
            _cluster.Defaults.Fill(type, json);
            return Typed<T>(_cluster.Store.Put(type, json));
        }
    }

    /// <summary>Changes an object that is there.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public void Change<T>(string @namespace, string name, Action<JsonObject> change)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        lock (_cluster.Store.Gate)
        {
            var type = ResourceType.Of<T>();
            var item = _cluster.Store.Get(type, @namespace, name) ?? throw new InvalidOperationException($"There is no {type.Kind} {@namespace}/{name}.");
            _cluster.Store.Update(type, item, change);
        }
    }

    /// <summary>Takes an object away at once.</summary>
    public void Remove<T>(string @namespace, string name)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        _cluster.Store.Remove(ResourceType.Of<T>(), @namespace, name);

    public void CreateNamespace(string name) => Put(new V1Namespace { Metadata = new V1ObjectMeta { Name = name } });

    public void AddNode(string name, string architecture = "amd64") => Nodes.Add(_cluster, name, architecture);

    /// <summary>Whether the node answers. Pods of one that does not are not ready, and do not end when they are deleted, unless by force.</summary>
    public void SetNodeReady(string name, bool ready) => Change<V1Node>("", name, node => Conditions.Set(
        node,
        "Ready",
        ready ? "True" : "Unknown",
        Timestamps.Seconds(_cluster.Now),
        ready ? "KubeletReady" : "NodeStatusUnknown",
        ready ? "kubelet is posting ready status" : "Kubelet stopped posting node status."));

    /// <summary>
    /// Whether the API server reaches the node's kubelet. Where it does not, the node is as ready as ever, but no command runs in its containers
    /// and no log is read.
    /// </summary>
    public void SetKubeletReachable(string name, bool reachable)
    {
        lock (_cluster.Store.Gate)
        {
            if (reachable)
                _cluster.UnreachedKubelets.Remove(name);
            else
                _cluster.UnreachedKubelets.Add(name);
        }
    }

    /// <summary>Writes a line to the log of the container that runs.</summary>
    /// <param name="container">Null for the first one.</param>
    /// <exception cref="InvalidOperationException">No such container runs.</exception>
    public void AppendLog(string @namespace, string pod, string line, string? container = null)
    {
        lock (_cluster.Store.Gate)
        {
            var runtime = Running(@namespace, pod, container);
            runtime.Log!.Append(line);
        }
    }

    /// <summary>Ends the container that runs; its node starts it again in the same pod.</summary>
    /// <param name="exitCode">137 for SIGKILL, 143 for SIGTERM.</param>
    /// <param name="container">Null for the first one.</param>
    /// <exception cref="InvalidOperationException">No such container runs.</exception>
    public void EndContainer(string @namespace, string pod, int exitCode = 137, string? container = null, string? reason = null)
    {
        lock (_cluster.Store.Gate)
        {
            Running(@namespace, pod, container).Ending = (exitCode, reason ?? (exitCode == 0 ? "Completed" : "Error"));
            Touch(@namespace, pod);
        }
    }

    /// <summary>Whether the readiness probe of a container succeeds from now on.</summary>
    /// <param name="container">Null for the first one.</param>
    /// <exception cref="InvalidOperationException">No such container runs.</exception>
    public void SetReady(string @namespace, string pod, bool ready, string? container = null)
    {
        lock (_cluster.Store.Gate)
        {
            Running(@namespace, pod, container).HeldUnready = !ready;
            Touch(@namespace, pod);
        }
    }

    /// <summary>Writes an Event about an object.</summary>
    /// <param name="plural">pods, statefulsets, ...</param>
    /// <param name="type">Normal or Warning.</param>
    /// <exception cref="InvalidOperationException">There is no such object.</exception>
    public void RecordEvent(string plural, string @namespace, string name, string type, string reason, string message, string source = "kubelet")
    {
        var about = _cluster.Store.Get(ResourceType.Of(plural), @namespace, name) ?? throw new InvalidOperationException($"There is no {plural}/{name}.");
        lock (_cluster.Store.Gate)
            _cluster.Events.Record(about, type, reason, message, source);
    }

    /// <summary>Forgets all changes so far: a watch from an older version is answered 410 Expired.</summary>
    public void ForgetChanges() => _cluster.Store.Compact();

    /// <summary>Waits until something is so; looks again after each change of an object.</summary>
    /// <exception cref="TimeoutException">It was not so in time.</exception>
    public async Task WaitForAsync(Func<ClusterState, bool> condition, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var limit = Task.Delay(timeout ?? TimeSpan.FromSeconds(30), cancellation);
        while (true)
        {
            var changed = _cluster.Store.Changed;
            if (condition(this))
                return;
            if (await Task.WhenAny(changed, limit) != limit)
                continue;
            cancellation.ThrowIfCancellationRequested();
            throw new TimeoutException("The emulated cluster did not come to the awaited state.");
        }
    }

    /// <summary>Waits until a pod is ready.</summary>
    /// <exception cref="TimeoutException">It was not ready in time.</exception>
    public Task WaitForReadyPodAsync(string @namespace, string pod, CancellationToken cancellation = default) =>
        WaitForAsync(_ => _cluster.Store.Get(ResourceType.Of("pods"), @namespace, pod) is { } item && !item.IsTerminating() && Conditions.IsTrue(item, "Ready"), null, cancellation);

    private void Touch(string @namespace, string pod)
    {
        if (_cluster.Store.Get(ResourceType.Of("pods"), @namespace, pod) is { } item && _cluster.Runtimes.TryGetValue(item.Uid(), out var runtime))
            runtime.Touched = true;
        _cluster.Poke();
    }

    private ContainerRuntime Running(string @namespace, string pod, string? container)
    {
        var uid = _cluster.Store.Get(ResourceType.Of("pods"), @namespace, pod)?.Uid() ?? "";
        var runtime = _cluster.Runtimes.GetValueOrDefault(uid)?.Container(container);
        return runtime is { State: ContainerState.Running }
            ? runtime
            : throw new InvalidOperationException($"No container {container} of the pod {@namespace}/{pod} runs.");
    }

    private static T Typed<T>(JsonObject item) => KubernetesJson.Deserialize<T>(item.ToJsonString());
}
