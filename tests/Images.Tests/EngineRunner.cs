using Ambrosia.Build.Cli;

namespace Ambrosia.Images.Tests;

/// <summary>The real runner, with the engine and the client of the tests in each child's environment.</summary>
internal sealed class EngineRunner(IProcessRunner runner, string docker, IReadOnlyDictionary<string, string?> environment) : IProcessRunner
{
    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation) => runner.RunAsync(Adapt(request), cancellation);

    public IRunningProcess Start(ProcessRequest request) => runner.Start(Adapt(request));

    private ProcessRequest Adapt(ProcessRequest request)
    {
        var all = environment.ToDictionary();
        foreach (var (name, value) in request.Environment)
            all[name] = value;
        return request with { FileName = request.FileName == "docker" ? docker : request.FileName, Environment = all };
    }
}
