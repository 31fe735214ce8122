using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Platforms.Local;
using Ambrosia.Build.Platforms.Local.Benchmarking;
using Ambrosia.Build.Platforms.Local.Cleaning;
using Ambrosia.Build.Platforms.Local.Immortality;
using Ambrosia.Build.Platforms.Local.Publishing;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Platforms.Local.Viewing;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Platforms;

public static class PlatformServices
{
    /// <summary>The platforms, and <see cref="Lazy{T}"/> of the one that the settings choose: nothing is read before a task asks.</summary>
    public static IServiceCollection AddPlatforms(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IProcessTable, ProcessTable>();
        services.AddSingleton<RunStore>();
        services.AddSingleton<RunServices>();
        services.AddSingleton<RunLauncher>();
        services.AddSingleton<AppInputs>();
        services.AddSingleton<AppPublisher>();
        services.AddSingleton<LocalCleaner>();
        services.AddSingleton<ImmortalityProof>();
        services.AddSingleton<StatusView>();
        services.AddSingleton<LogsView>();
        services.AddSingleton<AppBenchmark>();
        services.AddSingleton<TestTools>();
        services.AddSingleton<TestRunner>();
        services.AddSingleton<LocalLogStore>();
        services.AddSingleton<LocalRegistry>();
        services.AddSingleton<LocalCluster>();
        services.AddKeyedSingleton<IPlatform, LocalPlatform>(PlatformKind.Local);
        services.AddSingleton(provider => new Lazy<IPlatform>(
            () => PlatformSelection.Select(
                provider.GetRequiredService<ISettingsProvider>().Settings, kind => provider.GetKeyedService<IPlatform>(kind))));
        return services.AddImages().AddKubernetesPlatform().AddAksPlatform();
    }
}
