using System.Reflection;
using Cake.Cli;
using Cake.Frosting.Internal;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console.Cli;

namespace Cake.Frosting;

/// <summary>Runs the tasks of the entry assembly, and of those added, from a command line.</summary>
public sealed class CakeHost
{
    private readonly ServiceCollection _services = HostServices.Create();

    public CakeHost()
    {
        if (Assembly.GetEntryAssembly() is { } entry)
            AddAssembly(entry);
    }

    public static CakeHost Create() => new();

    public CakeHost AddAssembly(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        foreach (var type in TaskDiscovery.TasksOf(assembly))
            _services.AddSingleton(typeof(IFrostingTask), type);
        return this;
    }

    public CakeHost ConfigureServices(Action<IServiceCollection> configureServices)
    {
        ArgumentNullException.ThrowIfNull(configureServices);
        configureServices(_services);
        return this;
    }

    /// <summary>Runs what <paramref name="args"/> ask for, and returns the exit code of the process.</summary>
    public int Run(IEnumerable<string> args)
    {
        var registrar = new TypeRegistrar();
        registrar.RegisterInstance(typeof(IServiceCollection), _services);
        return new CommandApp<DefaultCommand>(registrar).Run(args);
    }
}
