using Cake.Cli;
using Cake.Common.Modules;
using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.Diagnostics;
using Cake.Core.Modules;
using Cake.DotNetTool.Module;
using Cake.NuGet;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Cake.Frosting.Internal;

internal static class HostServices
{
    /// <summary>What every host has before anything is registered on it; all of it can be replaced.</summary>
    public static ServiceCollection Create()
    {
        var services = new ServiceCollection();
        services.UseModule<CoreModule>();
        Frosting.ServiceCollectionExtensions.UseModule<CommonModule>(services);
        Frosting.ServiceCollectionExtensions.UseModule<NuGetModule>(services);
        Frosting.ServiceCollectionExtensions.UseModule<DotNetToolModule>(services);
        services.AddSingleton<IConsole, CakeConsole>();
        services.AddSingleton<ICakeLog>(provider => new CakeBuildLog(provider.GetRequiredService<IConsole>()));
        services.AddSingleton(_ => AnsiConsole.Create(new AnsiConsoleSettings()));
        services.AddSingleton<ICakeReportPrinter, CakeReportPrinter>();
        services.AddSingleton<ICakeConfiguration, FrostingConfiguration>();
        services.AddSingleton<IFrostingContext, FrostingContext>();
        services.AddSingleton<IToolInstaller, ToolInstaller>();
        services.AddSingleton<IVersionResolver, VersionResolver>();
        services.AddSingleton<VersionFeature>();
        services.AddSingleton<InfoFeature>();
        services.AddSingleton<FrostingEngine>();
        services.AddSingleton<BuildScriptHost<IFrostingContext>>();
        services.AddSingleton<DryRunScriptHost<IFrostingContext>>();
        services.AddSingleton<TreeScriptHost>();
        services.AddSingleton<DescriptionScriptHost>();
        return services;
    }
}
