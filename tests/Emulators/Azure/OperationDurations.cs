namespace Ambrosia.Emulators.Azure;

/// <summary>How long Azure's work takes for each kind of resource.</summary>
public sealed record OperationDurations
{
    /// <summary>A group is made while its client waits for the reply.</summary>
    public TimeSpan GroupCreate { get; init; }

    public TimeSpan GroupDelete { get; init; }

    public TimeSpan StorageCreate { get; init; }

    public TimeSpan RegistryCreate { get; init; }

    public TimeSpan RegistryUpdate { get; init; }

    public TimeSpan RegistryDelete { get; init; }

    public TimeSpan ClusterCreate { get; init; }

    public TimeSpan ClusterUpdate { get; init; }

    public TimeSpan ClusterDelete { get; init; }

    public TimeSpan ProviderRegistration { get; init; }

    public static OperationDurations None { get; } = new();

    /// <summary>Durations as users see them (cluster 300 s, account 20 s, registry 15 s, group 1 s), the cluster's divided by <paramref name="scale"/>.</summary>
    public static OperationDurations LifeLike(double scale) => new()
    {
        GroupCreate = TimeSpan.FromSeconds(1),
        GroupDelete = TimeSpan.FromSeconds(300) / scale,
        StorageCreate = TimeSpan.FromSeconds(20),
        RegistryCreate = TimeSpan.FromSeconds(15),
        RegistryUpdate = TimeSpan.FromSeconds(5),
        RegistryDelete = TimeSpan.FromSeconds(5),
        ClusterCreate = TimeSpan.FromSeconds(300) / scale,
        ClusterUpdate = TimeSpan.FromSeconds(120) / scale,
        ClusterDelete = TimeSpan.FromSeconds(240) / scale,
        ProviderRegistration = TimeSpan.FromSeconds(60) / scale,
    };
}
