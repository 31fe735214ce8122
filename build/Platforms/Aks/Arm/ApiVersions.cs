namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Versions of Azure's REST APIs, each one that public and sovereign clouds have had for long.</summary>
internal static class ApiVersions
{
    public const string Resources = "2021-04-01",
        Storage = "2022-09-01",
        Registry = "2023-07-01",
        Containers = "2023-10-01",
        Authorization = "2022-04-01",
        PolicyAssignments = "2022-06-01",
        PolicyDefinitions = "2021-06-01",
        ComputeUsage = "2023-07-01",
        ComputeSkus = "2021-07-01";
}
