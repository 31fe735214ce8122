using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Cli;

public sealed record EmulatorAnswer(int Status, JsonNode? Body, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>The code of an error; null for anything else.</summary>
    public string? Code => (string?)Body?["error"]?["code"];

    public string? ProvisioningState => (string?)Body?["properties"]?["provisioningState"];
}
