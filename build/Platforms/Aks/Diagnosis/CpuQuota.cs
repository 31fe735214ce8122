using System.Text.Json;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>vCPUs that a subscription may have in one region, by family and in all.</summary>
public sealed class CpuQuota
{
    /// <summary>Azure's name of the limit over all families.</summary>
    private const string Total = "cores";

    private readonly Dictionary<string, (long Used, long Limit)> _usages = new(StringComparer.OrdinalIgnoreCase);

    public CpuQuota(IEnumerable<JsonElement> usages)
    {
        ArgumentNullException.ThrowIfNull(usages);
        foreach (var usage in usages)
        {
            if (usage.Text("name", "value") is { } name)
                _usages[name] = (usage.Number("currentValue") ?? 0, usage.Number("limit") ?? 0);
        }
    }

    /// <summary>Used and allowed; null where Azure names no such limit.</summary>
    public (long Used, long Limit)? Of(string family) => _usages.TryGetValue(family, out var usage) ? usage : null;

    public (long Used, long Limit)? OfRegion => Of(Total);

    /// <summary>True where so many more vCPUs of a family can be had. A family that Azure does not list has no quota in this subscription.</summary>
    public bool Allows(string family, int cpus) =>
        Of(family) is { } own && own.Limit - own.Used >= cpus && (OfRegion is not { } region || region.Limit - region.Used >= cpus);
}
