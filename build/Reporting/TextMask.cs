namespace Ambrosia.Build.Reporting;

/// <summary>Hides known secrets in a text before it is shown or stored.</summary>
public sealed class TextMask(Func<string, string> apply)
{
    public static TextMask Nothing { get; } = new(text => text);

    public string Apply(string text) => apply(text);
}
