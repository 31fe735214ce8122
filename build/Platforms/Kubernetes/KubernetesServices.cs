using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Access;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Diagnosis;
using Ambrosia.Build.Platforms.Kubernetes.Immortality;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Platforms.Kubernetes.Verifying;
using Ambrosia.Build.Platforms.Kubernetes.Viewing;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Cake.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build.Platforms.Kubernetes;

public static class KubernetesServices
{
    /// <summary>
    /// What every platform with a cluster uses, and the platform <c>kubernetes</c>. The roles in which clusters differ are given to
    /// <see cref="NewDeploymentPlanner"/>, <see cref="NewClusterDeployer"/> and <see cref="NewKubernetesCluster"/>, so that two platforms stand side by side.
    /// </summary>
    public static IServiceCollection AddKubernetesPlatform(this IServiceCollection services) => services
        .AddSingleton<KubectlCli>()
        .AddSingleton<ClusterServices>()
        .AddSingleton<ClusterObserver>()
        .AddSingleton<ClusterChecks>()
        .AddSingleton<Checkpoints>()
        .AddSingleton<LogEraser>()
        .AddSingleton<Registrar>()
        .AddSingleton<MachineTraces>()
        .AddSingleton<IRolloutWaiter, RolloutWaiter>()
        .AddSingleton<StorageClassVolumes>()
        .AddSingleton(_ => new EnvironmentStorageConnection(Environment.GetEnvironmentVariable))
        .AddSingleton(provider => new KubeconfigAccess(
            provider.GetRequiredService<ISettingsProvider>(), provider.GetRequiredService<StateDirectory>(), provider.GetRequiredService<IProcessRunner>(),
            Environment.GetEnvironmentVariable))
        .AddKeyedSingleton<IPlatform>(PlatformKind.Kubernetes, (provider, _) => NewPlatform(provider));

    /// <summary>Shared by a platform's plan and its deployment.</summary>
    public static DeploymentPlanner NewDeploymentPlanner(this IServiceProvider provider, KubernetesRoles roles) => new(
        provider.GetRequiredService<ISettingsProvider>(), roles, provider.GetRequiredService<ClusterObserver>(), provider.GetRequiredService<ISecretMask>(),
        () => OptionsOf(provider.GetRequiredService<ICakeArguments>()), provider.GetRequiredService<TimeProvider>());

    public static ClusterDeployer NewClusterDeployer(this IServiceProvider provider, KubernetesRoles roles, DeploymentPlanner planner) => new(
        roles, provider.GetRequiredService<PlanGate>(), planner, provider.GetRequiredService<KubectlCli>(), provider.GetRequiredService<Checkpoints>(),
        provider.GetRequiredService<LogEraser>(), provider.GetRequiredService<Registrar>(), provider.GetRequiredService<IRolloutWaiter>().WaitAsync,
        provider.GetRequiredService<IBuildConsole>());

    public static KubernetesCluster NewKubernetesCluster(this IServiceProvider provider, KubernetesRoles roles, DeploymentPlanner planner)
    {
        var settings = provider.GetRequiredService<ISettingsProvider>();
        var services = provider.GetRequiredService<ClusterServices>();
        var rollout = provider.GetRequiredService<IRolloutWaiter>();
        var report = provider.GetRequiredService<RunReport>();
        return new KubernetesCluster(
            roles.Access,
            provider.NewClusterDeployer(roles, planner),
            new KubernetesVerifier(settings, roles.Access, rollout, services, report),
            new KubernetesImmortality(
                settings, roles.Access, rollout,
                new PairDeployment(roles, provider.GetRequiredService<LogEraser>(), provider.GetRequiredService<Registrar>(), services),
                provider.GetRequiredService<IConfirmation>(), services, report),
            new KubernetesStatus(settings, roles.Access, services),
            new KubernetesLogs(settings, roles.Access, services));
    }

    /// <summary>What Clean removes inside a cluster.</summary>
    public static IWorkloadCleaner NewWorkloadCleaner(this IServiceProvider provider, KubernetesRoles roles) => new KubernetesWorkloadCleaner(
        provider.GetRequiredService<ISettingsProvider>(), roles, provider.GetRequiredService<LogEraser>(), provider.GetRequiredService<ClusterServices>());

    private static KubernetesPlatform NewPlatform(IServiceProvider provider)
    {
        var access = provider.GetRequiredService<ConfiguredRegistryAccess>();
        var registry = provider.NewImageRegistry(access);
        var roles = new KubernetesRoles(
            provider.GetRequiredService<KubeconfigAccess>(), registry, provider.GetRequiredService<StorageClassVolumes>(), access,
            provider.GetRequiredService<EnvironmentStorageConnection>());
        var planner = provider.NewDeploymentPlanner(roles);
        return new KubernetesPlatform(
            provider.GetRequiredService<ISettingsProvider>(), roles, registry, planner, provider.GetRequiredService<ClusterChecks>(),
            provider.NewKubernetesCluster(roles, planner),
            new KubernetesCleaner(
                provider.NewWorkloadCleaner(roles), provider.GetRequiredService<IConfirmation>(), provider.GetRequiredService<IBuildConsole>()),
            provider.GetRequiredService<MachineTraces>(), provider.GetRequiredService<RunScope>());
    }

    /// <summary>What the task Deploy will be told: a plan that is made before its turn has to know it.</summary>
    private static DeployOptions OptionsOf(ICakeArguments arguments) => new(
        Resume: false,
        Fresh: arguments.HasArgument("fresh"),
        Image: arguments.GetArguments("image").LastOrDefault());
}
