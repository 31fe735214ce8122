using System.Runtime.InteropServices;
using Ambrosia.Build;

namespace Ambrosia.Images.Tests;

/// <summary>What the settings of a run say about images, and with which docker it runs.</summary>
internal sealed record SuiteOptions
{
    /// <summary>Of this machine.</summary>
    public static string NativePlatform { get; } =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux/arm64" : "linux/amd64";

    public static string ForeignPlatform { get; } =
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux/amd64" : "linux/arm64";

    public BuildPaths Paths { get; init; } = Machinery.Checkout.Paths;

    public string ServiceName { get; init; } = "perftest";

    public string Context { get; init; } = "app";

    public string Dockerfile { get; init; } = "app/Dockerfile";

    public string Platform { get; init; } = NativePlatform;

    public string? Public { get; init; }

    public string? BaseImage { get; init; }

    public string? KubeContext { get; init; }

    public string? Server { get; init; } = Machinery.Registry.Server;

    public string? Password { get; init; } = Machinery.Registry.Password;

    public DockerClient? Client { get; init; }

    public string? DockerHost { get; init; }

    /// <summary>Whose logins docker finds.</summary>
    public string Home { get; init; } = Machinery.Temporary;
}
