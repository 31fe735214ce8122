using System.Text.Json;

namespace Ambrosia.Build.Platforms.Aks.Arm;

/// <summary>Azure's own words about a failure: <c>{"error":{"code":…,"message":…}}</c>.</summary>
public static class ArmError
{
    private const int LongestText = 1000;

    /// <summary><c>Code: message</c>, or the beginning of a body that is no such error. Not masked.</summary>
    public static string Describe(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var error = document.RootElement.Property("error") ?? document.RootElement;
            if (error.Text("message") is { } message)
                return Shorten(error.Text("code") is { } code ? $"{code}: {message}" : message);
        }
        catch (JsonException)
        {
            // A proxy or gateway in between answers with a page of its own.
        }

        return Shorten(body);
    }

    private static string Shorten(string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";
}
