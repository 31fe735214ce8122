namespace Ambrosia.EndToEnd.Tests.Pipeline;

/// <summary>One run of build.sh, and what it asked the tools to do.</summary>
/// <param name="Calls">The arguments of every call of az, kubectl and docker.</param>
/// <param name="ClusterMutations">What it changed in the cluster, as "PATCH statefulsets/generated-a".</param>
internal sealed record PipelineRun(
    CommandLineResult Result, TimeSpan Duration, IReadOnlyDictionary<string, IReadOnlyList<string>> Calls, IReadOnlyList<string> ClusterMutations)
{
    public int ExitCode => Result.ExitCode;

    public string Output => Result.Output;

    public string Error => Result.Error;

    public IReadOnlyList<string> Az => Calls["az"];

    public IReadOnlyList<string> Kubectl => Calls["kubectl"];

    public IReadOnlyList<string> Docker => Calls["docker"];

    /// <summary>For the message of a failed assertion.</summary>
    public string All => $"{Result.All}\n{string.Join('\n', Calls.SelectMany(tool => tool.Value.Select(call => $"{tool.Key} {call}")))}";
}
