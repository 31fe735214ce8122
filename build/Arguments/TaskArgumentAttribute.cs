namespace Ambrosia.Build.Arguments;

/// <summary>
/// Declares an argument (<c>--name=value</c>) on the task that reads it. The one declaration feeds the check of the command line,
/// <c>--help</c> and the README's table.
/// </summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class TaskArgumentAttribute(string name, string description) : Attribute
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>The placeholder of the value in help, such as <c>N</c> or <c>PATH</c>; null for a flag that takes no value.</summary>
    public string? Value { get; init; }

    /// <summary>The allowed values, where they are few; anything else is refused with the nearest of them.</summary>
    public string[] Allowed { get; init; } = [];

    /// <summary>For a whole number, the least that is accepted.</summary>
    public int Least { get; init; }

    /// <summary>For a whole number, the most that is accepted.</summary>
    public int Most { get; init; } = int.MaxValue;

    /// <summary>What holds when the argument is not given, for help.</summary>
    public string? Default { get; init; }
}
