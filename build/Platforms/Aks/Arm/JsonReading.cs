using System.Text.Json;

namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Reads answers of which nothing can be relied on to be there.</summary>
internal static class JsonReading
{
    /// <summary>The property along a path; null where a part of it is missing, null or no object. Names compare without case, as Azure's do.</summary>
    public static JsonElement? Property(this JsonElement element, params ReadOnlySpan<string> path)
    {
        var current = element;
        foreach (var name in path)
        {
            if (current.ValueKind != JsonValueKind.Object || Find(current, name) is not { } next)
                return null;
            current = next;
        }

        return current.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? null : current;
    }

    /// <summary>The text along a path; null where there is none.</summary>
    public static string? Text(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.Property(path) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Flag(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.Property(path)?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static long? Number(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.Property(path) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    public static IReadOnlyList<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.Property(path) is { ValueKind: JsonValueKind.Array } value ? [.. value.EnumerateArray()] : [];

    private static JsonElement? Find(JsonElement element, string name)
    {
        if (element.TryGetProperty(name, out var exact))
            return exact;
        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                return property.Value;
        }

        return null;
    }
}
