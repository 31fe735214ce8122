using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>An Azure Files share; with <c>storage.kind: disk</c> the cluster makes disks itself.</summary>
public sealed class AksLogStore(ISettingsProvider settings, AzureChangeGraph graph) : ILogStore
{
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation)
    {
        var outcome = await graph.ProvisionAsync(nameof(ProvisionStorage), onlyBegin: false, cancellation);
        return new AzureNames(settings.Settings).UsesShare
            ? outcome
            : new StepOutcome($"no storage account: logs lie on disks that the cluster makes (azure.storage.kind is disk); {outcome.Summary}");
    }
}
