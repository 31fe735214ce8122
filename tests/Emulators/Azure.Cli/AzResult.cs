using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>What one <c>az</c> process did.</summary>
public sealed record AzResult(string Command, int ExitCode, string Output, string Error, TimeSpan Duration)
{
    /// <summary>Its output as JSON.</summary>
    /// <exception cref="InvalidOperationException">It printed none.</exception>
    public JsonNode Json => JsonNode.Parse(Output) ?? throw new InvalidOperationException($"{Command} printed no JSON: {Output}");

    public override string ToString() => $"az {Command}\nexit code {ExitCode} after {Duration.TotalSeconds:0.0} s\n{Output}{Error}";
}
