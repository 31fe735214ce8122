using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ambrosia.Build.Planning;

/// <summary>The plan for a person, and for a program. Pure.</summary>
public static class PlanText
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>One line a resource, its changed properties below it, the notes, and the counts.</summary>
    public static string Table(DeploymentPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var text = new StringBuilder();
        var step = plan.Changes.Select(change => change.Step.Length).DefaultIfEmpty().Max();
        var resource = plan.Changes.Select(change => change.Resource.Length).DefaultIfEmpty().Max();
        foreach (var change in plan.Changes)
        {
            text.Append("  ").Append(Word(change.Kind).PadRight(9)).Append("  ").Append(change.Step.PadRight(step)).Append("  ")
                .Append(change.Resource.PadRight(resource)).Append("  ").Append(change.Reason).Append('\n');
            foreach (var property in change.Properties)
                text.Append("             ").Append(property.Name).Append(": ").Append(property.Old ?? "-").Append(" -> ").Append(property.New ?? "-").Append('\n');
            if (change.Remedy is { } remedy)
                text.Append("             fix: ").Append(remedy).Append('\n');
        }

        foreach (var note in plan.Notes)
            text.Append("  ").Append(note).Append('\n');
        return text.Append("Plan: ").Append(plan.Summary).Append('\n').ToString();
    }

    /// <summary>An object with <c>exitCode</c>, <c>changes</c> and <c>notes</c>.</summary>
    public static string ToJson(DeploymentPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return JsonSerializer.Serialize(new { plan.ExitCode, plan.Changes, plan.Notes }, Json) + "\n";
    }

    private static string Word(ChangeKind kind) => kind.ToString().ToLowerInvariant();
}
