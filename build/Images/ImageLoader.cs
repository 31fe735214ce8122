using System.Globalization;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Images;

/// <summary>Brings an image into the nodes of a cluster that has no registry.</summary>
public sealed class ImageLoader(IProcessRunner runner, DockerCli docker, StateDirectory state, IBuildConsole console)
{
    private const string Sudo = "sudo";

    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);

    /// <summary>sudo's and the tools' words are told by in English.</summary>
    private static readonly Dictionary<string, string?> English = new() { ["LC_ALL"] = "C" };

    public bool IsRoot { get; init; } = Environment.IsPrivilegedProcess;

    /// <returns>True when the nodes have the image already, as far as the tool tells.</returns>
    /// <exception cref="BuildException">AMB4005: the nodes cannot be asked; says why, and what to do.</exception>
    public async Task<bool> HasAsync(NodeLoader loader, string reference, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loader);
        if (loader.Kind is NodeLoaderKind.SharedEngine or NodeLoaderKind.None)
            return true;
        if (loader.ListCommand() is not { } list)
            return false;
        var result = await RunAsync(loader, list, reference, cancellation);
        return result.StandardOutput.Split('\n', StringSplitOptions.TrimEntries)
            .Any(line => line == reference || line.EndsWith("/" + reference, StringComparison.Ordinal));
    }

    /// <exception cref="BuildException">AMB4005: the image did not get into the nodes; says why, and what to do.</exception>
    public async Task LoadAsync(NodeLoader loader, ImageName name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(name);
        // Of this process alone: another run may load the same image.
        var directory = Path.Combine(state.Ensure(), string.Create(CultureInfo.InvariantCulture, $"image-{Environment.ProcessId}"));
        var archive = Path.Combine(directory, $"{name.Repository.Replace('/', '-')}-{name.Tag}.tar");
        if (loader.Command(name.Reference, archive) is not { } load)
            return;
        try
        {
            if (loader.NeedsArchive)
            {
                Directory.CreateDirectory(directory);
                await docker.SaveAsync(name.Reference, archive, cancellation);
            }

            console.Event($"Loading {name.Reference} into {loader.Cluster} with {load[0]}");
            var result = await RunAsync(loader, load, name.Reference, cancellation);
            // minikube's exit code is 0 also when a node could not take it: https://github.com/kubernetes/minikube/issues/23471
            if (loader.ListCommand() is not null && !await HasAsync(loader, name.Reference, cancellation))
                throw LoaderFailure.NotThere(loader, name.Reference, Output(result));
        }
        finally
        {
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Whether the nodes can be asked for their images, where the tool can do that; empty otherwise.</summary>
    public async Task<IReadOnlyList<Finding>> DiagnoseAsync(NodeLoader loader, string repository, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(loader);
        if (loader.ListCommand() is not { } list)
            return [];
        var subject = $"images on the nodes of {loader.Cluster}";
        try
        {
            var result = await TryAsync(loader, list, cancellation);
            if (result.ExitCode == 0)
                return [new Finding(FindingSeverity.Good, subject, $"{string.Join(' ', Words(loader, list))} lists them")];
            var (cause, remedy) = LoaderFailure.Advise(loader, $"{repository}:TAG", Output(result));
            var text = cause ?? (result.StandardError.Trim().Split('\n')[^1] is { Length: > 0 } last ? last : "it says nothing");
            return [new Finding(FindingSeverity.Error, subject, $"{string.Join(' ', Words(loader, list))} fails: {text}", remedy)];
        }
        catch (BuildException exception) when (exception.Code == ErrorCode.ToolMissing)
        {
            return [new Finding(FindingSeverity.Error, subject, exception.What, exception.Remedy)];
        }
    }

    private async Task<ProcessResult> RunAsync(NodeLoader loader, IReadOnlyList<string> command, string reference, CancellationToken cancellation)
    {
        var result = await TryAsync(loader, command, cancellation);
        return result.ExitCode == 0 ? result : throw LoaderFailure.Explain(loader, Words(loader, command), reference, Output(result));
    }

    private async Task<ProcessResult> TryAsync(NodeLoader loader, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var words = Words(loader, command);
        try
        {
            return await runner.RunAsync(
                new ProcessRequest(words[0], [.. words.Skip(1)]) { Timeout = Timeout, ThrowOnFailure = false, Environment = English }, cancellation);
        }
        catch (BuildException exception) when (words[0] == Sudo && exception.Code == ErrorCode.ToolMissing)
        {
            return new ProcessResult(1, "", exception.What, TimeSpan.Zero); // what can be done without it is what can be done when it refuses
        }
        catch (Exception exception) when (words[0] == Sudo && exception is OperationCanceledException or BuildException { Code: ErrorCode.ToolTimedOut })
        {
            // Root's process takes no signal of ours, and "sudo timeout k3s" would be refused where sudo was allowed to run k3s alone.
            console.Warning($"{string.Join(' ', words)} runs as root and may go on; it ends by itself, and running it again does no harm.");
            throw;
        }
    }

    /// <summary>Without a prompt: nobody may be there to answer it.</summary>
    private IReadOnlyList<string> Words(NodeLoader loader, IReadOnlyList<string> command) => loader.NeedsRoot && !IsRoot ? [Sudo, "-n", .. command] : command;

    private static string Output(ProcessResult result) => $"{result.StandardError}\n{result.StandardOutput}";
}
