namespace Ambrosia.Build.Settings;

/// <summary>Loads and validates the settings on first use, and only once.</summary>
public interface ISettingsProvider
{
    /// <exception cref="Errors.BuildException">AMB101x: the configuration is unreadable, malformed or invalid.</exception>
    BuildSettings Settings { get; }
}
