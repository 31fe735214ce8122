using Cake.Cli;
using Cake.Core.Composition;
using Cake.Core.IO;
using Cake.Core.Packaging;
using Cake.Frosting.Internal;
using Microsoft.Extensions.DependencyInjection;

namespace Cake.Frosting;

/// <summary>Registers what a host is made of. The last registration of a service wins.</summary>
public static class ServiceCollectionExtensions
{
    public static IServiceCollection UseContext<TContext>(this IServiceCollection services)
        where TContext : class, IFrostingContext => services.AddSingleton<IFrostingContext, TContext>();

    public static IServiceCollection UseLifetime<TLifetime>(this IServiceCollection services)
        where TLifetime : class, IFrostingLifetime
    {
        services.AddSingleton<TLifetime>();
        services.AddSingleton<IFrostingSetup>(provider => provider.GetRequiredService<TLifetime>());
        return services.AddSingleton<IFrostingTeardown>(provider => provider.GetRequiredService<TLifetime>());
    }

    public static IServiceCollection UseSetup<TSetup>(this IServiceCollection services)
        where TSetup : class, IFrostingSetup => services.AddSingleton<IFrostingSetup, TSetup>();

    public static IServiceCollection UseTeardown<TTeardown>(this IServiceCollection services)
        where TTeardown : class, IFrostingTeardown => services.AddSingleton<IFrostingTeardown, TTeardown>();

    public static IServiceCollection UseTaskLifetime<TTaskLifetime>(this IServiceCollection services)
        where TTaskLifetime : class, IFrostingTaskLifetime
    {
        services.AddSingleton<TTaskLifetime>();
        services.AddSingleton<IFrostingTaskSetup>(provider => provider.GetRequiredService<TTaskLifetime>());
        return services.AddSingleton<IFrostingTaskTeardown>(provider => provider.GetRequiredService<TTaskLifetime>());
    }

    public static IServiceCollection UseTaskSetup<TTaskSetup>(this IServiceCollection services)
        where TTaskSetup : class, IFrostingTaskSetup => services.AddSingleton<IFrostingTaskSetup, TTaskSetup>();

    public static IServiceCollection UseTaskTeardown<TTaskTeardown>(this IServiceCollection services)
        where TTaskTeardown : class, IFrostingTaskTeardown => services.AddSingleton<IFrostingTaskTeardown, TTaskTeardown>();

    public static IServiceCollection UseModule<TModule>(this IServiceCollection services)
        where TModule : ICakeModule, new()
    {
        var registrar = new ContainerRegistrar(services);
        new TModule().Register(registrar);
        registrar.Transfer();
        return services;
    }

    public static IServiceCollection UsePackageInstaller<TPackageInstaller>(this IServiceCollection services)
        where TPackageInstaller : class, IPackageInstaller => services.AddSingleton<IPackageInstaller, TPackageInstaller>();

    public static IServiceCollection UseTool(this IServiceCollection services, Uri uri) =>
        services.AddSingleton(new PackageReference(uri));

    public static IServiceCollection UseWorkingDirectory(this IServiceCollection services, DirectoryPath path) =>
        services.AddSingleton(new WorkingDirectory(path));

    public static IServiceCollection UseCakeSetting(this IServiceCollection services, string key, string value) =>
        services.AddSingleton(new CakeSetting(key, value));

    public static IServiceCollection UseToolPath(this IServiceCollection services, DirectoryPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return services.UseCakeSetting("Paths_Tools", path.FullPath);
    }
}
