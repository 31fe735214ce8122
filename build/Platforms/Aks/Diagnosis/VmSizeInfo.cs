using System.Globalization;
using System.Text.Json;
using Ambrosia.Build.Platforms.Aks.Arm;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>A size of virtual machines in one region, as Microsoft.Compute/skus describes it.</summary>
/// <param name="Family">Name of its quota, such as <c>standardDSv5Family</c>.</param>
/// <param name="MemoryGiB">In GiB.</param>
/// <param name="Architecture"><c>x64</c> or <c>Arm64</c>.</param>
/// <param name="HasPremiumDisks">Can attach premium managed disks.</param>
/// <param name="Restriction">Why this subscription cannot have it in this region; null where it can.</param>
public sealed record VmSizeInfo(
    string Name, string Family, int Cpus, double MemoryGiB, string Architecture, bool HasPremiumDisks, string? Restriction)
{
    /// <summary>What AKS asks of the nodes of a system pool: https://learn.microsoft.com/azure/aks/use-system-pools#system-and-user-node-pools.</summary>
    public bool FitsSystemPool => Cpus >= 2 && MemoryGiB >= 4;

    public string ImagePlatform => Architecture.Equals("Arm64", StringComparison.OrdinalIgnoreCase) ? "linux/arm64" : "linux/amd64";

    /// <summary>Null for what is no virtual machine.</summary>
    public static VmSizeInfo? Read(JsonElement sku)
    {
        if (!string.Equals(sku.Text("resourceType"), "virtualMachines", StringComparison.OrdinalIgnoreCase) || sku.Text("name") is not { } name)
            return null;
        var capabilities = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var capability in sku.Items("capabilities"))
            capabilities[capability.Text("name") ?? ""] = capability.Text("value") ?? "";

        // Restrictions of single zones do not matter: the nodes are not bound to zones.
        var restriction = sku.Items("restrictions")
            .Where(item => string.Equals(item.Text("type"), "Location", StringComparison.OrdinalIgnoreCase))
            .Select(item => item.Text("reasonCode") ?? "restricted")
            .FirstOrDefault();
        return new VmSizeInfo(
            name,
            sku.Text("family") ?? "",
            (int)Number("vCPUsAvailable", Number("vCPUs", 0)),
            Number("MemoryGB", 0),
            capabilities.GetValueOrDefault("CpuArchitectureType", "x64"),
            string.Equals(capabilities.GetValueOrDefault("PremiumIO"), "True", StringComparison.OrdinalIgnoreCase),
            restriction);

        double Number(string key, double otherwise) =>
            capabilities.TryGetValue(key, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
    }
}
