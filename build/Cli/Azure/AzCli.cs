using System.Text.Json;
using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Cli.Azure;

/// <summary>
/// The real <c>az</c>, in the form that scripts need: JSON on standard output, no warnings or surveys, nothing streamed to the console
/// (answers hold secrets: Azure/azure-cli#27690), judged by the exit code.
/// </summary>
public sealed class AzCli(IProcessRunner runner)
{
    /// <summary>What az writes and asks beside its answer, Azure/azure-cli#12735, #28876.</summary>
    internal static readonly IReadOnlyDictionary<string, string?> Quiet = new Dictionary<string, string?>
    {
        ["AZURE_CORE_COLLECT_TELEMETRY"] = "0",
        ["AZURE_CORE_SURVEY_MESSAGE"] = "0",
        ["AZURE_CORE_ERROR_RECOMMENDATION"] = "off",
        ["AZURE_CORE_NO_COLOR"] = "1",
        ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no",
    };

    /// <summary>Runs <c>az ARGUMENTS --only-show-errors --output json</c>. The caller adds <c>--subscription</c> wherever the command has it.</summary>
    /// <exception cref="BuildException">AMB2001: az is missing. AMB2002: it failed.</exception>
    public Task<ProcessResult> RunAsync(AzCommand command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        return runner.RunAsync(
            new ProcessRequest("az", [.. command.Arguments, "--only-show-errors", "--output", "json"])
            {
                StandardInput = command.StandardInput,
                Environment = Quiet,
                Secrets = command.Secrets,
                Timeout = command.Timeout,
                ThrowOnFailure = command.ThrowOnFailure,
            },
            cancellation);
    }

    /// <summary>The answer as JSON; an empty answer is <c>null</c>.</summary>
    public async Task<JsonElement> QueryAsync(AzCommand command, CancellationToken cancellation)
    {
        var result = await RunAsync(command, cancellation);
        return Parse(string.Join(' ', command.Arguments.TakeWhile(word => !word.StartsWith('-'))), result.StandardOutput);
    }

    /// <param name="command">The words of the command, without its options.</param>
    internal static JsonElement Parse(string command, string output)
    {
        var text = string.IsNullOrWhiteSpace(output) ? "null" : output;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            // Its text is not shown: it may hold what should not be read.
            throw new BuildException(
                ErrorCode.ToolFailed, $"az {command} did not answer with JSON.",
                cause: exception.Message, remedy: "run the command by hand; an az extension or an old version may print beside its answer");
        }
    }
}

/// <summary>One az command without the options that every command gets.</summary>
public sealed record AzCommand(params IReadOnlyList<string> Arguments)
{
    /// <summary>A secret goes here, to an option whose value is <c>@-</c>.</summary>
    public string? StandardInput { get; init; }

    public IReadOnlyCollection<string> Secrets { get; init; } = [];

    public TimeSpan? Timeout { get; init; }

    public bool ThrowOnFailure { get; init; } = true;
}
