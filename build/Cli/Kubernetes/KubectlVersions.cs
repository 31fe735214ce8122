namespace Ambrosia.Build.Cli.Kubernetes;

/// <param name="Client">Such as <c>v1.35.2</c>; null when kubectl did not say.</param>
/// <param name="Server">Null when the server did not answer; <paramref name="Failure"/> tells why.</param>
/// <param name="Error">kubectl's words about it, masked.</param>
public sealed record KubectlVersions(string? Client, string? Server, KubectlFailure? Failure, string Error)
{
    /// <summary>The minor version: 35 of <c>v1.35.2</c> and of <c>v1.35.2+k3s1</c>.</summary>
    public static int? Minor(string? version) =>
        version?.Split('.') is [_, var minor, ..] && int.TryParse(string.Concat(minor.TakeWhile(char.IsAsciiDigit)), out var number) ? number : null;
}
