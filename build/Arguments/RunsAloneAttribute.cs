namespace Ambrosia.Build.Arguments;

/// <summary>The task cannot be run together with other targets.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class RunsAloneAttribute(string reason) : Attribute
{
    /// <summary>Why, as a clause behind the task's name.</summary>
    public string Reason { get; } = reason;
}
