using System.Collections.Concurrent;
using Ambrosia.Build.Cli;

namespace Ambrosia.Kubernetes.Tests.Deploying;

/// <summary>The real runner, with a home directory of the test's own for its children; counts them.</summary>
internal sealed class CountingRunner(IProcessRunner inner, string home) : IProcessRunner
{
    private readonly ConcurrentQueue<ProcessRequest> _requests = new();

    public IReadOnlyCollection<ProcessRequest> Requests => _requests;

    /// <summary>The verbs of the kubectl commands so far.</summary>
    public IEnumerable<string> Commands => _requests.Select(request => request.Arguments.Skip(6).First(word => !word.StartsWith('-')));

    public void Clear() => _requests.Clear();

    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation) => inner.RunAsync(Note(request), cancellation);

    public IRunningProcess Start(ProcessRequest request) => inner.Start(Note(request));

    private ProcessRequest Note(ProcessRequest request)
    {
        _requests.Enqueue(request);
        return request with { Environment = new Dictionary<string, string?>(request.Environment) { ["HOME"] = home, ["KUBECONFIG"] = "/nowhere" } };
    }
}
