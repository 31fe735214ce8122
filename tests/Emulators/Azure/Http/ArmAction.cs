namespace Ambrosia.Emulators.Azure.Http;

/// <summary>The action that a request needs the right to: <c>Microsoft.Storage/storageAccounts/write</c>.</summary>
internal static class ArmAction
{
    /// <summary>Null for what needs no right of its own.</summary>
    public static string? Of(string method, string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length < 3 || !segments[0].Equals("subscriptions", StringComparison.OrdinalIgnoreCase))
            return null;
        var provider = Array.FindLastIndex(segments, segment => segment.Equals("providers", StringComparison.OrdinalIgnoreCase));
        if (provider < 0)
            return segments.Length is 4 ? $"Microsoft.Resources/subscriptions/resourceGroups/{Verb(method)}" : null;
        var rest = segments[(provider + 1)..];
        if (rest.Length < 2)
            return null;

        // Namespace, then type and name in turn; a POST ends with the name of what it does.
        var types = rest.Skip(1).Where((_, index) => index % 2 == 0).ToList();
        return method == "POST"
            ? $"{rest[0]}/{string.Join('/', types)}/action"
            : $"{rest[0]}/{string.Join('/', types)}/{Verb(method)}";
    }

    private static string Verb(string method) => method switch
    {
        "PUT" or "PATCH" => "write",
        "DELETE" => "delete",
        "POST" => "action",
        _ => "read",
    };
}
