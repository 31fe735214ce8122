using Ambrosia.Build.Cli;

namespace Ambrosia.Images.Tests;

/// <summary>Keeps what children wrote, secrets included.</summary>
internal sealed class RecordingRunner(IProcessRunner runner) : IProcessRunner
{
    public List<string> Outputs { get; } = [];

    public async Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(request, cancellation);
        Outputs.Add(result.StandardOutput);
        return result;
    }

    public IRunningProcess Start(ProcessRequest request) => runner.Start(request);
}
