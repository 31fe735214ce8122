using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>What a deployment to a cluster leaves on this machine: images in the Docker engine, the state directory, and artifacts/.</summary>
public sealed class MachineTraces(
    ISettingsProvider settings, StateDirectory state, BuildPaths paths, IDeferredRemoval removal, IBuildConsole console)
{
    /// <summary>For the list of scopes.</summary>
    public const string Description = "the images in the Docker engine of this machine, and artifacts/";

    /// <summary>Removes a deployment, and then its traces.</summary>
    /// <param name="removeDeployment">From the cluster.</param>
    /// <exception cref="BuildException">
    /// What stopped the first part. A cluster that does not answer may never do so again, so its failure says how this machine is cleaned without it.
    /// </exception>
    /// <inheritdoc cref="RemoveAsync"/>
    public async Task CleanAsync(
        CleanScope scope, Func<CancellationToken, Task> removeDeployment, Func<CancellationToken, Task<StepOutcome>> removeImages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(removeDeployment);
        try
        {
            await removeDeployment(cancellation);
        }
        catch (BuildException exception) when (scope == CleanScope.All && exception.Code == ErrorCode.ClusterUnreachable)
        {
            var left = Directory.Exists(state.Path) ? $"\n  and delete {state.Path}" : "";
            throw exception.OrElse(
                "if the cluster is gone for good, clean this machine without it:\n"
                + "  ./build.sh --target=Clean --scope=all --platform=local (artifacts/ and local runs)\n"
                + $"  docker image prune --all --filter label={Naming.Selector(settings.Settings.ServiceName)} (the images)"
                + left);
        }

        await RemoveAsync(scope, removeImages, cancellation);
    }

    /// <summary>Removes them, last of all: only with the whole deployment are they of no more use.</summary>
    /// <param name="removeImages">Removes this deployment's images from the Docker engine, and says what it did.</param>
    private async Task RemoveAsync(CleanScope scope, Func<CancellationToken, Task<StepOutcome>> removeImages, CancellationToken cancellation)
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
