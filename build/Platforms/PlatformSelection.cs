using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms;

/// <summary>From the settings to the roles that carry them out.</summary>
public static class PlatformSelection
{
    /// <exception cref="BuildException">AMB1020: this version does not have the platform.</exception>
    public static IPlatform Select(BuildSettings settings, Func<IPlatform> local)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(local);
        if (settings.Platform == PlatformKind.Local)
            return local();
        var name = settings.Platform.ToString().ToLowerInvariant();
        throw new BuildException(
            ErrorCode.PlatformNotAvailable,
            $"The platform {name} is not yet available in this version.",
            cause: $"It was chosen by: {settings.PlatformReason}. The configuration itself is valid.",
            remedy: "Run on this machine with --platform=local.");
    }
}
