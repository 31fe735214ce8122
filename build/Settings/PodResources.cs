namespace Ambrosia.Build.Settings;

/// <summary>What an instance's pod asks of its node, and may use there at most, as Kubernetes writes quantities.</summary>
/// <param name="CpuRequest">Processors, such as <c>100m</c>.</param>
/// <param name="MemoryRequest">Bytes, such as <c>256Mi</c>.</param>
/// <param name="CpuLimit">Null for none.</param>
/// <param name="MemoryLimit">Null for none.</param>
public sealed record PodResources(string CpuRequest, string MemoryRequest, string? CpuLimit, string? MemoryLimit)
{
    public static PodResources Default { get; } = new("100m", "256Mi", null, null);
}
