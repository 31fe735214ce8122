using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>An Azure container registry; not needed with a public image.</summary>
/// <param name="workload">Builds and pushes; made at the first demand.</param>
public sealed class AksRegistry(ISettingsProvider settings, AzureChangeGraph graph, Lazy<AksWorkload> workload) : IImageRegistry
{
    public async Task<StepOutcome> ProvisionAsync(CancellationToken cancellation)
    {
        if (new AzureNames(settings.Settings).UsesRegistry)
            return await graph.ProvisionAsync(nameof(ProvisionAcr), onlyBegin: false, cancellation);
        return new StepOutcome($"not needed: the image is public ({settings.Settings.Images.Public})");
    }

    public Task<StepOutcome> BuildAsync(CancellationToken cancellation) => workload.Value.Images.BuildAsync(cancellation);

    public Task<StepOutcome> PushAsync(CancellationToken cancellation) => workload.Value.Images.PushAsync(cancellation);
}
