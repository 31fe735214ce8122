using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Images;

/// <summary>From a node loader's own words to the likely cause and what to do. Pure.</summary>
public static class LoaderFailure
{
    /// <param name="command">The tool and its arguments, with sudo where it was used.</param>
    /// <param name="output">What it has printed.</param>
    /// <returns>AMB4005.</returns>
    public static BuildException Explain(NodeLoader loader, IReadOnlyList<string> command, string reference, string output)
    {
        var (cause, remedy) = Advise(loader, reference, output);
        return new BuildException(ErrorCode.PushFailed, $"{string.Join(' ', command)} failed.", cause, remedy, OutputTail.Of(output));
    }

    public static (string? Cause, string Remedy) Advise(NodeLoader loader, string reference, string output)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(output);
        return output switch
        {
            _ when loader.NeedsRoot && Has("command not found") => (
                "k3s is not on this machine, or not where sudo looks (secure_path)",
                $"""if it is here: sudo ln -s "$(command -v k3s)" /usr/bin/k3s; otherwise {OtherWays(loader, reference)}"""),
            _ when loader.NeedsRoot && (Has("sudo") || Has("permission denied")) => (
                "k3s lets root alone see its images, and sudo does not run it here without a password",
                $"let sudo do that; or {OtherWays(loader, reference)}"),
            _ when Has("no space left on device") || Has("disk quota exceeded") => ("the node's disk is full", "free space on the node, and run again"),
            _ when loader.NeedsRoot && Has("containerd.sock") => (
                "k3s does not run on this machine", $"start it (sudo systemctl start k3s); where it is another machine's cluster, {OtherWays(loader, reference)}"),
            _ => (null, OtherWays(loader, reference)),
        };

        bool Has(string words) => output.Contains(words, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The tool has reported no failure, and yet its list of images does not have it.</summary>
    /// <returns>AMB4005.</returns>
    public static BuildException NotThere(NodeLoader loader, string reference, string output)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(output);
        return new BuildException(
            ErrorCode.PushFailed,
            $"{reference} is not on the nodes of {loader.Cluster}, although loading it reported no failure.",
            "a node could not take it, for its disk is full or its runtime does not run",
            loader.Kind == NodeLoaderKind.Minikube
                ? $"docker save {reference} | minikube image load - --profile {loader.Cluster} --alsologtostderr shows why; or set kubernetes.registry"
                : OtherWays(loader, reference),
            OutputTail.Of(output));
    }

    private static string OtherWays(NodeLoader loader, string reference) => loader.NeedsRoot
        ? $"load it yourself (docker save {reference} | sudo k3s ctr images import -) and set kubernetes.imageLoader to none; or set kubernetes.registry"
        : "correct what it names; or set kubernetes.registry, or another kubernetes.imageLoader";
}
