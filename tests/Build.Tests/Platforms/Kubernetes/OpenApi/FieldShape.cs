namespace Ambrosia.Build.Tests.Platforms.Kubernetes.OpenApi;

/// <summary>One field of a definition.</summary>
/// <param name="Type">A scalar such as <c>string</c>, <c>array:T</c>, <c>map:T</c>, or a definition's name.</param>
public sealed record FieldShape(string Type, bool IsRequired, bool IsDeprecated)
{
    /// <param name="text">Such as <c>required array:V1Container</c>.</param>
    public static FieldShape Parse(string text)
    {
        var words = text.Split(' ');
        return new FieldShape(words[^1], words.Contains("required"), words.Contains("deprecated"));
    }
}
