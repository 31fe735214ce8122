using System.Globalization;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Pricing;

/// <summary>What a deployment costs about, in one line. Pure.</summary>
public static class MonthlyCost
{
    /// <summary>A sum of what the table knows, and by name what it does not.</summary>
    public static string Describe(BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        // Rounded before they are added, so that the line adds up for whoever reads it.
        var items = Items(settings).Select(item => (item.Name, Usd: item.Usd is { } usd ? Math.Round(usd, MidpointRounding.AwayFromZero) : (decimal?)null)).ToList();
        var sum = items.Sum(item => item.Usd ?? 0);
        var unknown = items.Where(item => item.Usd is null).Select(item => item.Name).ToList();
        var parts = string.Join(", ", items.Select(item => string.Create(
            CultureInfo.InvariantCulture, $"{item.Name} {(item.Usd is { } usd ? usd.ToString("0", CultureInfo.InvariantCulture) : "unknown")}")));
        var total = string.Create(CultureInfo.InvariantCulture, $"{(unknown.Count == 0 ? "about" : "more than")} {sum:0} USD a month");
        return string.Create(
            CultureInfo.InvariantCulture, $"Estimated cost: {total} ({parts}); list prices of East US as of {AzurePrices.AsOf:yyyy-MM}");
    }

    private static IEnumerable<(string Name, decimal? Usd)> Items(BuildSettings settings)
    {
        var azure = settings.Azure!;
        var nodes = azure.Cluster.NodeCount;
        yield return (
            string.Create(CultureInfo.InvariantCulture, $"{nodes} x {azure.Cluster.VmSize}"),
            AzurePrices.VmHour.TryGetValue(azure.Cluster.VmSize, out var hour) ? nodes * hour * AzurePrices.HoursPerMonth : null);
        yield return ("their disks", nodes * AzurePrices.SystemDisk);
        yield return ("load balancer", AzurePrices.LoadBalancerHour * AzurePrices.HoursPerMonth);
        if (settings.Images.Public is null)
        {
            yield return (
                $"registry {azure.Registry.Sku}",
                AzurePrices.RegistryDay.TryGetValue(azure.Registry.Sku, out var day) ? day * AzurePrices.DaysPerMonth : null);
        }

        yield return azure.Storage.Kind == StorageKinds.Disk ? Disks(settings) : Share(azure.Storage);
    }

    private static (string, decimal?) Share(AzureStorageSettings storage) => (
        string.Create(CultureInfo.InvariantCulture, $"{(AzureRules.IsPremium(storage.Sku) ? "" : "up to ")}{storage.QuotaGiB} GiB share {storage.Sku}"),
        AzurePrices.ShareGiBMonth.TryGetValue(storage.Sku, out var gib) ? gib * storage.QuotaGiB : null);

    private static (string, decimal?) Disks(BuildSettings settings)
    {
        var size = settings.Kubernetes.LogSizeGiB;
        var disk = AzurePrices.PremiumDisks.FirstOrDefault(disk => disk.GiB >= size);
        return (
            string.Create(CultureInfo.InvariantCulture, $"{settings.Instances.Count} log disks of {size} GiB"),
            disk.GiB == 0 ? null : settings.Instances.Count * disk.Month);
    }
}
