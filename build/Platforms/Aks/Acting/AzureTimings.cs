namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>How often Azure is asked, and how long it is waited for.</summary>
/// <param name="Poll">Between two looks at a resource that changes.</param>
/// <param name="Report">Between two lines on the console about a wait.</param>
/// <param name="Retry">Before a refused command is given again; doubles up to ten times that.</param>
/// <param name="Attempts">How often a command is given again.</param>
/// <param name="Deadline">For one resource to come to rest. AKS has been seen to take 20 minutes to come and 30 to go: Azure/AKS#585, #711.</param>
public sealed record AzureTimings(TimeSpan Poll, TimeSpan Report, TimeSpan Retry, int Attempts, TimeSpan Deadline)
{
    /// <summary>How long what was just begun may be unknown to a reader: Azure Resource Manager's copies in other regions come after.</summary>
    public TimeSpan Appearance { get; init; } = TimeSpan.FromSeconds(30);

    public static AzureTimings Default { get; } = new(
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(3), 10, TimeSpan.FromMinutes(60));
}
