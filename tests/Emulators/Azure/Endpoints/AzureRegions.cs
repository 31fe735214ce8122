namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>The regions that the emulator has.</summary>
internal static class AzureRegions
{
    public static IReadOnlyList<(string Name, string DisplayName)> All { get; } =
    [
        ("westeurope", "West Europe"), ("northeurope", "North Europe"), ("eastus", "East US"), ("eastus2", "East US 2"), ("westus2", "West US 2"),
        ("westus3", "West US 3"), ("swedencentral", "Sweden Central"), ("germanywestcentral", "Germany West Central"),
    ];

    public static bool Has(string region) => All.Any(known => known.Name == region);
}
