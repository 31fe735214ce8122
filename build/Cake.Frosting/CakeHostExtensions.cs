using Cake.Core.Composition;
using Cake.Core.IO;
using Cake.Core.Packaging;
using Microsoft.Extensions.DependencyInjection;

namespace Cake.Frosting;

/// <summary>Puts a host together.</summary>
public static class CakeHostExtensions
{
    public static CakeHost UseStartup<TStartup>(this CakeHost host)
        where TStartup : IFrostingStartup, new() => host.Configure(new TStartup().Configure);

    public static CakeHost UseContext<TContext>(this CakeHost host)
        where TContext : class, IFrostingContext => host.Configure(services => services.UseContext<TContext>());

    public static CakeHost UseLifetime<TLifetime>(this CakeHost host)
        where TLifetime : class, IFrostingLifetime => host.Configure(services => services.UseLifetime<TLifetime>());

    public static CakeHost UseSetup<TSetup>(this CakeHost host)
        where TSetup : class, IFrostingSetup => host.Configure(services => services.UseSetup<TSetup>());

    public static CakeHost UseTeardown<TTeardown>(this CakeHost host)
        where TTeardown : class, IFrostingTeardown => host.Configure(services => services.UseTeardown<TTeardown>());

    public static CakeHost UseTaskLifetime<TTaskLifetime>(this CakeHost host)
        where TTaskLifetime : class, IFrostingTaskLifetime => host.Configure(services => services.UseTaskLifetime<TTaskLifetime>());

    public static CakeHost UseTaskSetup<TTaskSetup>(this CakeHost host)
        where TTaskSetup : class, IFrostingTaskSetup => host.Configure(services => services.UseTaskSetup<TTaskSetup>());

    public static CakeHost UseTaskTeardown<TTaskTeardown>(this CakeHost host)
        where TTaskTeardown : class, IFrostingTaskTeardown => host.Configure(services => services.UseTaskTeardown<TTaskTeardown>());

    public static CakeHost UseModule<TModule>(this CakeHost host)
        where TModule : ICakeModule, new() => host.Configure(services => services.UseModule<TModule>());

    public static CakeHost UsePackageInstaller<TPackageInstaller>(this CakeHost host)
        where TPackageInstaller : class, IPackageInstaller => host.Configure(services => services.UsePackageInstaller<TPackageInstaller>());

    public static CakeHost InstallTool(this CakeHost host, Uri uri) => host.Configure(services => services.UseTool(uri));

    public static CakeHost UseWorkingDirectory(this CakeHost host, DirectoryPath path) =>
        host.Configure(services => services.UseWorkingDirectory(path));

    public static CakeHost UseCakeSetting(this CakeHost host, string key, string value) =>
        host.Configure(services => services.UseCakeSetting(key, value));

    public static CakeHost SetToolPath(this CakeHost host, DirectoryPath path) =>
        host.Configure(services => services.UseToolPath(path));

    private static CakeHost Configure(this CakeHost host, Action<IServiceCollection> configure)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.ConfigureServices(configure);
    }
}
