using System.Text.Json.Nodes;

namespace Ambrosia.Kubernetes.Tests.Emulator;

internal sealed record KubectlResult(int ExitCode, string Output, string Error)
{
    public JsonNode Json() => JsonNode.Parse(Check().Output)!;

    /// <summary>The result itself, when the command succeeded.</summary>
    /// <exception cref="InvalidOperationException">It failed: with its own words.</exception>
    public KubectlResult Check() => ExitCode == 0 ? this : throw new InvalidOperationException($"kubectl ended with {ExitCode}: {Error}{Output}");
}
