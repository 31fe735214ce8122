using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>The image in a registry that this run may first have to make: before that, it is not asked.</summary>
public sealed class AksImages(ImageRegistry images, AzurePlanSource plans, PlanGate gate) : IImageSource
{
    public async Task<ContainerImage> ResolveAsync(CancellationToken cancellation)
    {
        if (!gate.IsApproved && (await plans.GetAsync(cancellation)).IsRegistryMissing)
            throw new BuildException(ErrorCode.ImageNotFound, "The registry does not exist yet.", remedy: "./build.sh --target=Push");
        return await images.ResolveAsync(cancellation);
    }
}
