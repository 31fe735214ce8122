namespace Ambrosia.Build.Platforms.Aks.Benchmarking;

/// <summary>What <c>artifacts/benchmark/rerun.json</c> holds.</summary>
/// <param name="AzCalls">Processes of az.</param>
/// <param name="ArmRequests">Requests to Azure Resource Manager, repetitions included.</param>
/// <param name="Seconds">Wall time of all of it.</param>
/// <param name="CallsByTool">Processes by program.</param>
public sealed record RerunBenchmarkResult(int AzCalls, int ArmRequests, double Seconds, IReadOnlyDictionary<string, int> CallsByTool);
