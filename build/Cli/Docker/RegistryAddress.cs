namespace Ambrosia.Build.Cli.Docker;

/// <summary>The parts of an image's name, as docker reads them. Pure.</summary>
public static class RegistryAddress
{
    /// <summary>How nodes are told where a registry's name leads.</summary>
    public const string MirrorGuides = "kind: https://kind.sigs.k8s.io/docs/user/local-registry/, k3s: https://docs.k3s.io/installation/private-registry";

    private const string DockerHub = "registry-1.docker.io";

    /// <summary>Host and port of a reference; Docker Hub's where its first part is none.</summary>
    public static string Host(string reference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return DockerHub;
        var first = reference[..slash];
        var isHost = first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost";
        return !isHost || first is "docker.io" or "index.docker.io" ? DockerHub : first;
    }

    /// <summary>Docker speaks to these without TLS where they have none.</summary>
    public static bool IsLoopback(string reference)
    {
        var host = Host(reference);
        var name = host.LastIndexOf(':') is var colon and > 0 ? host[..colon] : host;
        return name == "localhost" || (System.Net.IPAddress.TryParse(name.Trim('[', ']'), out var address) && System.Net.IPAddress.IsLoopback(address));
    }
}
