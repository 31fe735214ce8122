using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build.Platforms.Aks;

public static class AksServices
{
    public static IServiceCollection AddAksPlatform(this IServiceCollection services) => services;
}
