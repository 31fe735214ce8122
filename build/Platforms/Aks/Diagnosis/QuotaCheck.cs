using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Diagnosis;

/// <summary>
/// Whether the nodes can be had: Azure refuses a size or a quota only minutes into the making of a cluster (Azure/AKS#559).
/// </summary>
public static class QuotaCheck
{
    private const int Proposals = 3;

    /// <summary>Nodes that are still to be made: none for a cluster that has them, or whose size cannot be changed anyway.</summary>
    public static int NewNodes(AzureClusterSettings wanted, ObservedCluster? cluster)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        if (cluster is null || cluster.NodePools.Count == 0)
            return wanted.NodeCount;
        var pool = cluster.NodePools.FirstOrDefault(pool => pool.Mode == "System") ?? cluster.NodePools[0];
        if (pool.IsAutoscaled)
            return 0;
        return string.Equals(pool.VmSize, wanted.VmSize, StringComparison.OrdinalIgnoreCase) ? Math.Max(0, wanted.NodeCount - pool.Count) : 0;
    }

    /// <param name="nodes">How many are to be made.</param>
    /// <param name="platform">Of the images: <c>linux/amd64</c>.</param>
    /// <param name="sizes">All sizes in the region.</param>
    public static IReadOnlyList<Finding> Judge(
        AzureSettings settings, string platform, int nodes, IReadOnlyList<VmSizeInfo> sizes, CpuQuota quota)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(quota);
        var (wanted, location) = (settings.Cluster.VmSize, settings.Location);
        var subject = $"VM size {wanted} in {location}";
        if (sizes.Count == 0)
        {
            return [new Finding(
                FindingSeverity.Error, subject, $"Azure lists no virtual machines in {location}",
                $"check azure.location against: az account list-locations --output table --subscription {settings.Subscription}")];
        }

        var needsPremium = settings.Storage.Kind == "disk";
        var proposals = Propose(wanted, platform, nodes, needsPremium, sizes, quota);
        var instead = proposals.Count > 0
            ? $"set azure.cluster.vmSize to one that fits: {string.Join(", ", proposals.Select(size => $"{size.Name} ({size.Cpus} vCPUs)"))}"
            : "choose another azure.location";
        if (sizes.FirstOrDefault(size => string.Equals(size.Name, wanted, StringComparison.OrdinalIgnoreCase)) is not { } size)
            return [new Finding(FindingSeverity.Error, subject, "is not offered there", instead)];
        if (Unfit(size, platform, needsPremium) is { } unfit)
            return [new Finding(FindingSeverity.Error, subject, unfit, instead)];

        return [new Finding(FindingSeverity.Good, subject, $"available, {size.Cpus} vCPUs"), .. JudgeQuota(settings, size, nodes, quota, instead)];
    }

    /// <summary>
    /// Sizes with which the same number of nodes can be had, nearest first: by vCPUs, then by memory, then of the same series. Burstable ones (B)
    /// come after others of as many vCPUs: AKS advises against them for a system pool.
    /// </summary>
    public static IReadOnlyList<VmSizeInfo> Propose(
        string wanted, string platform, int nodes, bool needsPremium, IReadOnlyList<VmSizeInfo> sizes, CpuQuota quota)
    {
        var like = sizes.FirstOrDefault(size => string.Equals(size.Name, wanted, StringComparison.OrdinalIgnoreCase));
        var (cpus, memory) = (like?.Cpus ?? 2, like?.MemoryGiB ?? 8);
        return
        [
            .. sizes
                .Where(size => !string.Equals(size.Name, wanted, StringComparison.OrdinalIgnoreCase)
                    && Unfit(size, platform, needsPremium) is null && quota.Allows(size.Family, size.Cpus * nodes))
                .OrderBy(size => Math.Abs(size.Cpus - cpus))
                .ThenBy(size => Series(size.Name) == "B")
                .ThenBy(size => Math.Abs(size.MemoryGiB - memory))
                .ThenByDescending(size => Series(size.Name) == Series(wanted))
                .ThenByDescending(size => Generation(size.Name))
                .ThenBy(size => size.Name, StringComparer.Ordinal)
                .Take(Proposals),
        ];
    }

    private static string? Unfit(VmSizeInfo size, string platform, bool needsPremium)
    {
        if (size.Restriction is { } restriction)
            return restriction == "NotAvailableForSubscription" ? "is not available to this subscription there" : $"is restricted there ({restriction})";
        if (!size.FitsSystemPool)
            return $"is too small: AKS asks for 2 vCPUs and 4 GiB a node, it has {size.Cpus} and {size.MemoryGiB:0.#} GiB";
        if (size.ImagePlatform != platform)
            return $"has {size.Architecture} processors, and images.platform is {platform}";
        return needsPremium && !size.HasPremiumDisks ? "cannot have premium disks, which azure.storage.kind disk takes" : null;
    }

    private static IEnumerable<Finding> JudgeQuota(AzureSettings settings, VmSizeInfo size, int nodes, CpuQuota quota, string instead)
    {
        var needed = size.Cpus * nodes;
        var raise = $"or raise the quota: https://learn.microsoft.com/azure/quotas/per-vm-quota-requests; usage: az vm list-usage --location {settings.Location} --output table --subscription {settings.Subscription}";
        yield return JudgeOne($"vCPU quota of {size.Family} in {settings.Location}", quota.Of(size.Family));
        yield return JudgeOne($"vCPU quota of all families in {settings.Location}", quota.OfRegion);

        Finding JudgeOne(string subject, (long Used, long Limit)? usage)
        {
            if (usage is not { } known)
                return new Finding(FindingSeverity.Warning, subject, "Azure names no limit", $"az vm list-usage --location {settings.Location} --subscription {settings.Subscription}");
            var free = Math.Max(0, known.Limit - known.Used);
            if (free >= needed)
                return new Finding(FindingSeverity.Good, subject, $"{needed} needed, {free} of {known.Limit} free");
            var fewer = (int)(free / size.Cpus);
            var count = fewer > 0 ? $", or azure.cluster.nodeCount to {settings.Cluster.NodeCount - nodes + fewer}" : "";
            return new Finding(
                FindingSeverity.Error, subject, $"{needed} needed for {nodes} new nodes of {size.Name}, {free} of {known.Limit} free", $"{instead}{count}, {raise}");
        }
    }

    /// <summary>The letters at the beginning: D of Standard_D2s_v5.</summary>
    private static string Series(string name)
    {
        var parts = name.Split('_');
        return parts.Length > 1 ? new string([.. parts[1].TakeWhile(char.IsLetter)]) : name;
    }

    private static int Generation(string name) =>
        name.Split('_')[^1] is ['v', .. var digits] && int.TryParse(digits, System.Globalization.CultureInfo.InvariantCulture, out var generation) ? generation : 1;
}
