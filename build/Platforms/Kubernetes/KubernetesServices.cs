using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build.Platforms.Kubernetes;

public static class KubernetesServices
{
    public static IServiceCollection AddKubernetesPlatform(this IServiceCollection services) => services;
}
