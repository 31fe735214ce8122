using Ambrosia.Build.Cli;
using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Testing;

namespace Ambrosia.Azure.Tests.Provisioning;

/// <summary>The suite's process runner, whose children meet the emulator and nothing else.</summary>
internal sealed class HostRunner(AzHost host, IProcessRunner runner) : IProcessRunner
{
    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation) => runner.RunAsync(In(request), cancellation);

    public IRunningProcess Start(ProcessRequest request) => runner.Start(In(request));

    private ProcessRequest In(ProcessRequest request)
    {
        var environment = new Dictionary<string, string?>(host.Environment);
        foreach (var (name, value) in request.Environment)
            environment[name] = value;
        var file = request.FileName switch
        {
            "az" => Path.Combine(host.Directory, "bin", "az"),
            "kubectl" => KubectlBinaries.Require(35),
            _ => request.FileName,
        };
        return request with { FileName = file, Environment = environment };
    }
}
