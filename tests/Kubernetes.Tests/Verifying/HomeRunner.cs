using Ambrosia.Build.Cli;

namespace Ambrosia.Kubernetes.Tests.Verifying;

/// <summary>Gives each kubectl a home of the test's own, so that the user's caches stay as they are.</summary>
internal sealed class HomeRunner(IProcessRunner inner, string home) : IProcessRunner
{
    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation) => inner.RunAsync(AtHome(request), cancellation);

    public IRunningProcess Start(ProcessRequest request) => inner.Start(AtHome(request));

    private ProcessRequest AtHome(ProcessRequest request) =>
        request with { Environment = new Dictionary<string, string?>(request.Environment) { ["HOME"] = home } };
}
