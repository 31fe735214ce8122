using System.Globalization;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>How an instance is registered with Microsoft's runtime.</summary>
public static class Registration
{
    /// <summary>Name under which the container reads the connection string, which docker passes on from its own environment.</summary>
    public const string ConnectionVariable = "AZURE_STORAGE_CONN_STRING";

    /// <summary>The arguments of <c>docker</c>. The connection string is not among them.</summary>
    /// <param name="container">By this name it can be removed when docker's client is gone.</param>
    public static IReadOnlyList<string> DockerArguments(string image, BuildSettings settings, InstanceSettings instance, string container)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return ["run", "--rm", "--name", container, "--env", ConnectionVariable, image, .. Command(settings, instance)];
    }

    /// <summary>A name that no other container has.</summary>
    public static string NewContainerName(InstanceSettings instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return $"ambrosia-register-{instance.Name}-{Guid.NewGuid():N}";
    }

    /// <summary>Changes when the instance has to be registered again: with other ports, another directory, another account.</summary>
    public static string HashOf(DeploymentSpec spec, InstanceSettings instance)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.ConnectionString is { } connection
            ? ContentHash.OfKey($"{spec.Settings.Kubernetes.Namespace}/registration", [connection, .. Command(spec.Settings, instance)])
            : DeploymentSpec.Unknown;
    }

    private static IEnumerable<string> Command(BuildSettings settings, InstanceSettings instance) =>
    [
        "Ambrosia", "RegisterInstance",
        "-i", instance.Name,
        "--rp", Text(instance.ReceivePort),
        "--sp", Text(instance.SendPort),
        "-l", settings.LogDirectory,
        "--lts", Text(instance.TriggerSizeMiB),
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
