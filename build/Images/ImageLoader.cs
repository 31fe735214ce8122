using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Images;

/// <summary>Brings an image into the nodes of a cluster that has no registry.</summary>
public sealed class ImageLoader(IProcessRunner runner, DockerCli docker, StateDirectory state, IBuildConsole console)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    /// <returns>True when the nodes have the image already, as far as the tool tells.</returns>
    public async Task<bool> HasAsync(NodeLoader loader, string reference, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loader);
        if (loader.Kind is NodeLoaderKind.SharedEngine or NodeLoaderKind.None)
            return true;
        if (loader.ListCommand() is not var (tool, arguments))
            return false;
        var result = await runner.RunAsync(new ProcessRequest(tool, arguments) { Timeout = Timeout }, cancellation);
        return result.StandardOutput.Split('\n', StringSplitOptions.TrimEntries)
            .Any(line => line == reference || line.EndsWith("/" + reference, StringComparison.Ordinal));
    }

    public async Task LoadAsync(NodeLoader loader, ImageName name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(name);
        var archive = Path.Combine(state.Ensure(), $"{name.Repository.Replace('/', '-')}-{name.Tag}.tar");
        try
        {
            if (loader.NeedsArchive)
                await docker.SaveAsync(name.Reference, archive, cancellation);
            if (loader.Command(name.Reference, archive) is not var (tool, arguments))
                return;
            console.Event($"Loading {name.Reference} into {loader.Cluster} with {tool}");
            await runner.RunAsync(new ProcessRequest(tool, arguments) { Timeout = Timeout }, cancellation);
        }
        finally
        {
            File.Delete(archive);
        }
    }
}
