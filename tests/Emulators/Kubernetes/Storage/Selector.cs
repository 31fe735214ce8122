using System.Text.Json.Nodes;

namespace Ambrosia.Emulators.Kubernetes.Storage;

/// <summary>Which objects a label selector or a field selector means.</summary>
internal static class Selector
{
    /// <summary>A selector in an object: matchLabels and matchExpressions.</summary>
    public static bool Matches(JsonNode? selector, JsonNode? labels)
    {
        foreach (var (key, value) in selector.At("matchLabels") as JsonObject ?? [])
        {
            if (labels.Text(key) != value?.ToString())
                return false;
        }

        return selector.Items("matchExpressions").All(expression =>
        {
            var actual = labels.Text(expression.Text("key") ?? "");
            var values = expression.Items("values").Select(value => value?.ToString()).ToList();
            return expression.Text("operator") switch
            {
                "In" => actual is not null && values.Contains(actual),
                "NotIn" => actual is null || !values.Contains(actual),
                "Exists" => actual is not null,
                _ => actual is null,
            };
        });
    }

    /// <summary>A selector in a query: <c>a=b,c!=d,e in (f,g),h,!i</c>.</summary>
    /// <exception cref="ApiException">400: it cannot be read.</exception>
    public static Func<JsonObject, bool> Labels(string? text)
    {
        var tests = Parts(text).Select(LabelTest).ToList();
        return item => tests.TrueForAll(test => test(item.At("metadata", "labels")));
    }

    /// <summary>A selector in a query: <c>metadata.name=x,status.phase!=Failed</c>.</summary>
    /// <exception cref="ApiException">400: it cannot be read.</exception>
    public static Func<JsonObject, bool> Fields(string? text)
    {
        var tests = Parts(text).Select(part =>
        {
            var (path, equal, value) = Split(part) ?? throw ApiException.BadRequest($"invalid selector: '{text}'; can't understand '{part}'");
            return (Func<JsonObject, bool>)(item => ((item.Text(path.Split('.')) ?? "") == value) == equal);
        }).ToList();
        return item => tests.TrueForAll(test => test(item));
    }

    private static Func<JsonNode?, bool> LabelTest(string part)
    {
        foreach (var (word, inside) in new[] { (" notin ", false), (" in ", true) })
        {
            var at = part.IndexOf(word, StringComparison.Ordinal);
            if (at < 0)
                continue;
            var name = part[..at].Trim();
            var values = part[(at + word.Length)..].Trim().Trim('(', ')').Split(',', StringSplitOptions.TrimEntries);
            return labels => (labels.Text(name) is { } actual && values.Contains(actual)) == inside;
        }

        if (Split(part) is { } pair)
            return labels => (labels.Text(pair.Key) == pair.Value) == pair.Equal;
        return part.StartsWith('!') ? labels => labels.Text(part[1..]) is null : labels => labels.Text(part) is not null;
    }

    private static (string Key, bool Equal, string Value)? Split(string part)
    {
        foreach (var (sign, equal) in new[] { ("!=", false), ("==", true), ("=", true) })
        {
            var at = part.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0)
                return (part[..at].Trim(), equal, part[(at + sign.Length)..].Trim());
        }

        return null;
    }

    // Commas separate, but not those inside the parentheses of a set.
    private static IEnumerable<string> Parts(string? text)
    {
        var depth = 0;
        var start = 0;
        text ??= "";
        for (var index = 0; index <= text.Length; index++)
        {
            if (index < text.Length && text[index] == '(')
                depth++;
            else if (index < text.Length && text[index] == ')')
                depth--;
            else if (index == text.Length || (text[index] == ',' && depth == 0))
            {
                if (text[start..index].Trim() is { Length: > 0 } part)
                    yield return part;
                start = index + 1;
            }
        }
    }
}
