namespace Ambrosia.Build.Settings;

/// <summary>A value of the file with the place where it stands; lines and columns count from 1.</summary>
internal abstract record ConfigurationNode(int Line, int Column)
{
    /// <summary>What it is, for an error.</summary>
    public abstract string Description { get; }
}

internal sealed record ConfigurationObject(int Line, int Column, IReadOnlyList<ConfigurationProperty> Properties)
    : ConfigurationNode(Line, Column)
{
    public override string Description => "an object";
}

internal sealed record ConfigurationList(int Line, int Column, IReadOnlyList<ConfigurationNode> Items) : ConfigurationNode(Line, Column)
{
    public override string Description => "a list";
}

/// <param name="Value">A string, long, BigInteger, decimal or double, bool, or null.</param>
internal sealed record ConfigurationValue(int Line, int Column, object? Value) : ConfigurationNode(Line, Column)
{
    public override string Description => Value switch
    {
        null => "null",
        string text => $"the text \"{text}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => Value.ToString()!,
    };
}

internal sealed record ConfigurationProperty(int Line, int Column, string Name, ConfigurationNode Value);
