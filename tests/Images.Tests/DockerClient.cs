using Ambrosia.Testing;

namespace Ambrosia.Images.Tests;

/// <summary>A docker client of this machine, and which builder it uses.</summary>
/// <param name="Path">Of the program.</param>
/// <param name="BuildKit">Value of DOCKER_BUILDKIT; null for the client's own choice.</param>
public sealed record DockerClient(string Name, string Path, string? BuildKit)
{
    private static readonly string[] Places = ["/usr/local/bin/docker", "/usr/bin/docker"];

    /// <summary>Every client and builder that there is here; the builder before BuildKit is among them always.</summary>
    public static IEnumerable<DockerClient> All()
    {
        var found = Places.Where(File.Exists).ToList();
        if (found.Count == 0 && Tools.Find("docker") is { } path)
            found.Add(path);
        foreach (var client in found)
        {
            yield return new DockerClient($"{client} with the legacy builder", client, "0");
            yield return new DockerClient($"{client} as it comes", client, null);
        }

        // Debian's client has BuildKit without the plug-in that newer ones need for it.
        if (File.Exists("/usr/bin/docker"))
            yield return new DockerClient("/usr/bin/docker with BuildKit", "/usr/bin/docker", "1");
    }

    /// <summary>The builder before BuildKit, in every client.</summary>
    public static IEnumerable<DockerClient> Legacy() => All().Where(client => client.BuildKit == "0");

    /// <summary>A client that is known to have BuildKit; null where there is none.</summary>
    public static DockerClient? WithBuildKit() => All().FirstOrDefault(client => client.BuildKit == "1");

    public override string ToString() => Name;
}
