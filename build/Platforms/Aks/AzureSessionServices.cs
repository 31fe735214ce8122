using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Session;
using Ambrosia.Build.Platforms.Aks.Tools;
using Ambrosia.Build.Reporting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Platforms.Aks;

public static class AzureSessionServices
{
    /// <summary>The login to Azure and what is read through it: session, observation, checks, access to share, registry and cluster.</summary>
    public static IServiceCollection AddAzureSession(this IServiceCollection services)
    {
        services.TryAddSingleton<AzCli>();
        services.TryAddSingleton<DockerCli>();
        services.TryAddSingleton(ArmTransport.Default);
        services.AddSingleton<ArmTraffic>();
        services.AddSingleton<IAzureTokenSource, AzureCliTokenSource>();
        services.AddSingleton(_ => new AzureConfigurationFiles(Environment.GetEnvironmentVariable));
        services.AddSingleton(provider => new AzureLogin(
            provider.GetRequiredService<AzCli>(), provider.GetRequiredService<IProcessRunner>(), provider.GetRequiredService<TerminalCapabilities>(),
            provider.GetRequiredService<IBuildConsole>(), Environment.GetEnvironmentVariable));
        services.AddSingleton<AzureSession>();
        services.AddSingleton<IAzureSession>(provider => provider.GetRequiredService<AzureSession>());
        services.AddSingleton<IArmCredentials>(provider => provider.GetRequiredService<AzureSession>());
        services.AddSingleton<IAzureObserver, AzureObserver>();
        services.AddSingleton<AksTools>();
        services.AddSingleton<IReachability, TcpReachability>();
        services.AddSingleton<AksConfiguration>();
        services.AddSingleton<AzureDoctor>();
        services.AddSingleton<AzureLogVolumes>();
        services.AddSingleton<AcrTokenExchange>();
        services.AddSingleton<AcrAccess>();
        services.AddSingleton<AksClusterAccess>();
        return services;
    }
}
