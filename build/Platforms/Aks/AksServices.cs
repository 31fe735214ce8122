using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Benchmarking;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Platforms.Aks;

public static class AksServices
{
    /// <summary>
    /// The platform aks. What lies in the cluster (<see cref="ICluster"/>, <see cref="IWorkloadCleaner"/>) and the images
    /// (<see cref="IImageRegistry"/>) are services keyed by <see cref="PlatformKind.Aks"/> of the parts that make them.
    /// </summary>
    public static IServiceCollection AddAksPlatform(this IServiceCollection services)
    {
        services.AddAzureSession();
        services.TryAddSingleton(AzureTimings.Default);
        services.AddSingleton<ResourceWatch>();
        services.AddSingleton<AzureWriter>();
        services.AddSingleton(provider => new ServicePrincipals(
            provider.GetRequiredService<AzCli>(), provider.GetRequiredService<AzureWriter>(), Environment.GetEnvironmentVariable));
        services.AddSingleton<IPullCredentials, PullCredentials>();
        services.AddSingleton<AzurePlanSource>();
        services.AddSingleton<AzureChangeGraph>();
        services.AddSingleton<AzureCleaner>();
        services.AddSingleton(Late<ICluster>);
        services.AddSingleton(Late<IImageRegistry>);
        services.AddSingleton(Late<IWorkloadCleaner>);
        services.AddSingleton<AksLogStore>();
        services.AddSingleton<AksRegistry>();
        services.AddSingleton<AksCluster>();
        services.AddSingleton<RerunBenchmark>();
        services.AddKeyedSingleton<IPlatform, AksPlatform>(PlatformKind.Aks);
        return services;
    }

    /// <summary>Of another part of the suite, made at the first demand.</summary>
    private static Lazy<T> Late<T>(IServiceProvider provider)
        where T : class =>
        new(() => provider.GetKeyedService<T>(PlatformKind.Aks)
            ?? throw new BuildException(ErrorCode.PlatformNotAvailable, "What lies inside a cluster is not yet available on aks in this version."));
}
