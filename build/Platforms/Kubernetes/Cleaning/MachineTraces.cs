using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>What a deployment to a cluster leaves on this machine: images in the Docker engine, the state directory, and artifacts/.</summary>
public sealed class MachineTraces(StateDirectory state, BuildPaths paths, IDeferredRemoval removal, IBuildConsole console)
{
    /// <summary>For the list of scopes.</summary>
    public const string Description = "the images in the Docker engine of this machine, and artifacts/";

    /// <summary>Removes them, last of all: only with the whole deployment are they of no more use.</summary>
    /// <param name="removeImages">Removes this deployment's images from the Docker engine, and says what it did.</param>
    public async Task RemoveAsync(CleanScope scope, Func<CancellationToken, Task<StepOutcome>> removeImages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(removeImages);
        if (scope != CleanScope.All)
            return;
        console.Line($"Images: {(await removeImages(cancellation)).Summary}");
        if (Directory.Exists(state.Path))
            Directory.Delete(state.Path, recursive: true);
        console.Line($"Removing {paths.Artifacts}");
        // This very program lies below it, and the report of this run is still written there.
        removal.RemoveAtExit(paths.Artifacts);
    }
}
