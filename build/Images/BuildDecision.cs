namespace Ambrosia.Build.Images;

/// <summary>Whether the image must be built, and why; a pure function of what was seen.</summary>
public sealed record BuildDecision(bool Build, string Reason)
{
    /// <param name="tag">Hash of the inputs as they are now.</param>
    /// <param name="platform">As the settings want it.</param>
    /// <param name="localPlatform">Platform of the image of that tag on this machine; null where there is none.</param>
    /// <param name="registryDigest">What the registry has under that tag; null where it has nothing, or was not asked.</param>
    /// <param name="earlierTags">Tags of images of this deployment on this machine, newest first.</param>
    public static BuildDecision Decide(
        string tag, string platform, string? localPlatform, string? registryDigest, IReadOnlyList<string> earlierTags)
    {
        ArgumentNullException.ThrowIfNull(earlierTags);
        if (localPlatform == platform)
            return new(false, $"unchanged (hash {tag})");
        if (localPlatform is not null)
            return new(true, $"it is for {localPlatform}, and {platform} is wanted");
        if (registryDigest is not null)
            return new(false, $"unchanged (hash {tag}): the registry has it");
        return earlierTags.FirstOrDefault(earlier => earlier != tag) is { } last
            ? new(true, $"inputs changed ({last} -> {tag})")
            : new(true, "not built yet");
    }
}
