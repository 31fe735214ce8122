using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms;

/// <summary>From the settings to the roles that carry them out.</summary>
public static class PlatformSelection
{
    /// <param name="find">The platform of a kind; null where this version does not have it.</param>
    /// <exception cref="BuildException">AMB1020: this version does not have the platform.</exception>
    public static IPlatform Select(BuildSettings settings, Func<PlatformKind, IPlatform?> find)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(find);
        if (find(settings.Platform) is { } platform)
            return platform;
        var name = settings.Platform.ToString().ToLowerInvariant();
        throw new BuildException(
            ErrorCode.PlatformNotAvailable,
            $"The platform {name} is not yet available in this version.",
            cause: $"It was chosen by: {settings.PlatformReason}. The configuration itself is valid.",
            remedy: "Run on this machine with --platform=local.");
    }
}
