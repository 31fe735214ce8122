namespace Ambrosia.Build.Images;

/// <summary>Whether the image must be pushed, and why; a pure function of what was seen.</summary>
public sealed record PushDecision(bool Push, string Reason)
{
    public static PushDecision Decide(ImageName name, RegistryAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(name);
        return answer switch
        {
            RegistryAnswer.Has has => new(false, $"unchanged ({name.Reference} is there as {has.Digest})"),
            RegistryAnswer.HasNot => new(true, $"the registry has no {name.Repository}:{name.Tag}"),
            RegistryAnswer.CannotTell unknown => new(true, $"whether the registry has it is not known ({unknown.Reason})"),
            _ => throw new ArgumentOutOfRangeException(nameof(answer)),
        };
    }
}
