using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build.Settings;

public static class SettingsServices
{
    /// <summary>The settings, loaded on first use. Needs Cake's own services and <see cref="BuildPaths"/>.</summary>
    public static IServiceCollection AddSettings(this IServiceCollection services) =>
        services.AddSingleton<ISettingsProvider, SettingsProvider>();
}
