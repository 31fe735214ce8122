using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Kubernetes.Controllers;
using Ambrosia.Emulators.Kubernetes.Pods;
using Ambrosia.Emulators.Kubernetes.Storage;

namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>Serves what containers wrote.</summary>
internal sealed class LogHandler(Cluster cluster)
{
    public async Task RunAsync(ApiRequest request, JsonObject pod, AnswerStream answer, CancellationToken cancellation)
    {
        var log = Choose(request, pod);
        var timestamps = request.Query("timestamps") == "true";
        var follow = request.Query("follow") == "true";
        var since = Since(request);
        await answer.BeginAsync(200, "text/plain");
        var (lines, ended, changed) = log.Read(0);
        var next = lines.Count;
        var wanted = lines.Where(line => line.Time >= since);
        if (int.TryParse(request.Query("tailLines"), out var tail))
            wanted = wanted.TakeLast(tail);
        await WriteAsync(answer, wanted, timestamps);
        while (follow && !ended)
        {
            await changed.WaitAsync(cancellation);
            (lines, ended, changed) = log.Read(next);
            next += lines.Count;
            await WriteAsync(answer, lines, timestamps);
        }
    }

    private ContainerLog Choose(ApiRequest request, JsonObject pod)
    {
        lock (cluster.Store.Gate)
        {
            var name = request.Query("container");
            if (pod.Text("spec", "nodeName") is null)
                throw ApiException.BadRequest($"pod \"{pod.Name()}\" does not have a host assigned");
            var names = pod.Items("spec", "containers").Select(container => container.Text("name") ?? "").ToList();
            if (name is null && names.Count > 1)
                throw ApiException.BadRequest($"a container name must be specified for pod {pod.Name()}, choose one of: [{string.Join(' ', names)}]");
            name ??= names[0];
            if (!names.Contains(name))
                throw ApiException.BadRequest($"container {name} is not valid for pod {pod.Name()}");
            if (cluster.UnreachedKubeletOf(pod) is { } kubelet)
                throw new ApiException(500, "", $"Get \"https://{kubelet}/containerLogs/{pod.Namespace()}/{pod.Name()}/{name}\": dial tcp {kubelet}: connect: connection refused");
            var container = cluster.Runtimes.GetValueOrDefault(pod.Uid())?.Container(name);
            if (request.Query("previous") == "true")
                return container?.LogBefore ?? throw ApiException.BadRequest($"previous terminated container \"{name}\" in pod \"{pod.Name()}\" not found");
            if (container?.Log is { } log)
                return log;
            var why = container?.WaitingReason switch
            {
                "ErrImagePull" => "image can't be pulled",
                "ImagePullBackOff" => "trying and failing to pull image",
                { } reason => reason,
                null => "ContainerCreating",
            };
            throw ApiException.BadRequest($"container \"{name}\" in pod \"{pod.Name()}\" is waiting to start: {why}");
        }
    }

    private DateTimeOffset Since(ApiRequest request)
    {
        if (request.Query("sinceTime") is { } time)
            return DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return long.TryParse(request.Query("sinceSeconds"), out var seconds) ? cluster.Now.AddSeconds(-seconds) : DateTimeOffset.MinValue;
    }

    private static async Task WriteAsync(AnswerStream answer, IEnumerable<(DateTimeOffset Time, string Text)> lines, bool timestamps)
    {
        var text = new StringBuilder();
        foreach (var (time, line) in lines)
            text.Append(timestamps ? Timestamps.Nano(time) + " " : "").Append(line).Append('\n');
        if (text.Length > 0)
            await answer.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
