using System.Diagnostics;
using System.Text;
using Ambrosia.Testing;

namespace Ambrosia.Kubernetes.Tests.Emulator;

/// <summary>The real kubectl of a version, with a home of its own and never with a context that it was not given.</summary>
internal sealed class Kubectl : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("ambrosia-kubectl-").FullName;
    private readonly string _program;

    /// <param name="minor">31 for kubectl 1.31.</param>
    public Kubectl(int minor)
    {
        Minor = minor;
        _program = KubectlBinaries.Require(minor);
        Kubeconfig = Path.Combine(_home, "kubeconfig");
    }

    public int Minor { get; }

    public string Kubeconfig { get; }

    /// <summary>The namespace of every command.</summary>
    public string Namespace { get; init; } = "ambrosia";

    public Task<KubectlResult> RunAsync(params IReadOnlyList<string> arguments) => RunAsync(arguments, "");

    public async Task<KubectlResult> RunAsync(IReadOnlyList<string> arguments, string stdin)
    {
        using var running = Start(arguments);
        await running.WriteAsync(stdin);
        return await running.EndAsync();
    }

    public RunningKubectl Start(params IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(_program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = _home,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = _home;
        foreach (var argument in new[] { "--kubeconfig", Kubeconfig, "--context", "emulator", "--namespace", Namespace, "--cache-dir", Path.Combine(_home, "cache") }.Concat(arguments))
            start.ArgumentList.Add(argument);
        return new RunningKubectl(Process.Start(start)!);
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);
}
