namespace Ambrosia.Emulators.Azure.State;

/// <summary>A size of virtual machine in the catalogue.</summary>
/// <param name="MemoryGiB">Memory in GiB.</param>
/// <param name="Architecture"><c>x64</c> or <c>Arm64</c>.</param>
public sealed record VmSize(string Name, string Family, int VCpus, double MemoryGiB, string Architecture = "x64")
{
    /// <summary>Regions in which the subscription may not use it; <c>*</c> is everywhere.</summary>
    public IReadOnlyList<string> RestrictedIn { get; init; } = [];

    public static IReadOnlyList<VmSize> Catalogue { get; } =
    [
        new("Standard_B1s", "standardBSFamily", 1, 1),
        new("Standard_B2s", "standardBSFamily", 2, 4),
        new("Standard_B2ms", "standardBSFamily", 2, 8),
        new("Standard_DS2_v2", "standardDSv2Family", 2, 7),
        new("Standard_DS3_v2", "standardDSv2Family", 4, 14),
        new("Standard_D2s_v3", "standardDSv3Family", 2, 8),
        new("Standard_D4s_v3", "standardDSv3Family", 4, 16),
        new("Standard_D2s_v5", "standardDSv5Family", 2, 8),
        new("Standard_D4s_v5", "standardDSv5Family", 4, 16),
        new("Standard_D2as_v5", "standardDASv5Family", 2, 8),
        new("Standard_D4as_v5", "standardDASv5Family", 4, 16),
        new("Standard_D2ps_v5", "standardDPSv5Family", 2, 8, "Arm64"),
    ];
}
