namespace Ambrosia.Build.Platforms.Aks.Pricing;

/// <summary>
/// List prices in USD, pay as you go, for Linux in East US, without taxes and discounts: one line of orientation, not for a budget, since
/// regions and contracts differ. Nodes are from a public table of <see cref="AsOf"/>, registry Basic is from Microsoft's documentation; disks,
/// shares, the load balancer and the other registry tiers have not been compared with a price page (today's are below
/// https://azure.microsoft.com/pricing/details).
/// </summary>
public static class AzurePrices
{
    public const int HoursPerMonth = 730;

    public const decimal DaysPerMonth = HoursPerMonth / 24m;

    /// <summary>A node's managed disk for its system, 128 GiB premium (P10), a month.</summary>
    public const decimal SystemDisk = 19.71m;

    /// <summary>The cluster's standard load balancer (up to five rules) and its public address, an hour.</summary>
    public const decimal LoadBalancerHour = 0.025m + 0.005m;

    public static DateOnly AsOf { get; } = new(2026, 9, 1);

    /// <summary>A node, an hour.</summary>
    public static IReadOnlyDictionary<string, decimal> VmHour { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase)
    {
        ["Standard_B2s"] = 0.0416m,
        ["Standard_B2ms"] = 0.0832m,
        ["Standard_B4ms"] = 0.166m,
        ["Standard_D2s_v3"] = 0.096m,
        ["Standard_D4s_v3"] = 0.192m,
        ["Standard_D8s_v3"] = 0.384m,
        ["Standard_D2s_v4"] = 0.096m,
        ["Standard_D4s_v4"] = 0.192m,
        ["Standard_D8s_v4"] = 0.384m,
        ["Standard_D2s_v5"] = 0.096m,
        ["Standard_D4s_v5"] = 0.192m,
        ["Standard_D8s_v5"] = 0.384m,
        ["Standard_D16s_v5"] = 0.768m,
        ["Standard_D2ds_v5"] = 0.113m,
        ["Standard_D4ds_v5"] = 0.226m,
        ["Standard_D8ds_v5"] = 0.452m,
        ["Standard_D2ps_v5"] = 0.077m,
        ["Standard_D4ps_v5"] = 0.154m,
        ["Standard_DS3_v2"] = 0.293m,
        ["Standard_DS4_v2"] = 0.585m,
        ["Standard_E2s_v5"] = 0.126m,
        ["Standard_E4s_v5"] = 0.252m,
        ["Standard_F4s_v2"] = 0.169m,
        ["Standard_F8s_v2"] = 0.338m,
    };

    /// <summary>A registry, a day.</summary>
    public static IReadOnlyDictionary<string, decimal> RegistryDay { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase)
    {
        ["Basic"] = 0.167m,
        ["Standard"] = 0.667m,
        ["Premium"] = 1.667m,
    };

    /// <summary>A GiB of a file share a month: of its contents where it is standard, of its quota where it is premium.</summary>
    public static IReadOnlyDictionary<string, decimal> ShareGiBMonth { get; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase)
    {
        ["Standard_LRS"] = 0.06m,
        ["Premium_LRS"] = 0.16m,
    };

    /// <summary>A premium disk of so many GiB a month; a disk is billed as the next larger of these.</summary>
    public static IReadOnlyList<(int GiB, decimal Month)> PremiumDisks { get; } =
        [(4, 0.60m), (8, 1.20m), (16, 2.40m), (32, 5.28m), (64, 10.21m), (128, 19.71m), (256, 38.02m), (512, 73.22m), (1024, 135.17m)];
}
