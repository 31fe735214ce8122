using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Benchmarking;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Kubernetes;
using Ambrosia.Build.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Platforms.Aks;

public static class AksServices
{
    /// <summary>The platform aks: its own parts, and those of any cluster with Azure's roles.</summary>
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
        services.AddSingleton<AzureStorageConnection>();
        services.AddSingleton<AcrLogins>();
        services.AddSingleton(NewWorkload);
        services.AddSingleton(provider => new Lazy<AksWorkload>(provider.GetRequiredService<AksWorkload>));
        services.AddSingleton<AksLogStore>();
        services.AddSingleton<AksRegistry>();
        services.AddSingleton<AksCluster>();
        services.AddSingleton<RerunBenchmark>();
        services.AddKeyedSingleton<IPlatform, AksPlatform>(PlatformKind.Aks);
        return services;
    }

    private static AksWorkload NewWorkload(IServiceProvider provider)
    {
        var access = provider.GetRequiredService<AcrLogins>();
        var images = provider.NewImageRegistry(access);
        var roles = new KubernetesRoles(
            provider.GetRequiredService<AksClusterAccess>(),
            new AksImages(images, provider.GetRequiredService<AzurePlanSource>(), provider.GetRequiredService<PlanGate>()),
            provider.GetRequiredService<AzureLogVolumes>(), access,
            provider.GetRequiredService<AzureStorageConnection>());
        var planner = provider.NewDeploymentPlanner(roles);
        return new AksWorkload(images, planner, provider.NewKubernetesCluster(roles, planner), provider.NewWorkloadCleaner(roles));
    }
}
