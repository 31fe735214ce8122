using Ambrosia.Build.Arguments;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Cake.Core;
using Cake.Core.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build;

/// <summary>What the tasks are given: every part of the suite registers itself, in its own folder.</summary>
internal static class Startup
{
    public static IServiceCollection AddSuite(
        this IServiceCollection services, BuildPaths paths, TaskCatalogue catalogue, IShutdown shutdown, IDeferredRemoval removal,
        ClosingLines closing, Announcements announcements)
    {
        services.AddSingleton(paths);
        services.AddSingleton(catalogue);
        services.AddSingleton(shutdown);
        services.AddSingleton(removal);
        services.AddSingleton(closing);
        services.AddSingleton(announcements);
        services.AddSingleton<HelpText>();
        services.AddSingleton<IConsole>(provider => ShowsColours(provider.GetRequiredService<ICakeEnvironment>())
            ? ActivatorUtilities.CreateInstance<CakeConsole>(provider)
            : new RedirectedConsole(ActivatorUtilities.CreateInstance<CakeConsole>(provider)));
        services.AddSingleton<ICakeLog>(provider => new FailureLog(
            new CakeBuildLog(provider.GetRequiredService<IConsole>()), provider.GetRequiredService<IShutdown>(), provider.GetRequiredService<ISecretMask>()));
        services.AddCli().AddSettings().AddReporting().AddPlatforms();
        return services;
    }

    /// <summary>A terminal shows colours, and so do the log pages of these two CI systems.</summary>
    private static bool ShowsColours(ICakeEnvironment environment) =>
        !(Console.IsOutputRedirected || Console.IsErrorRedirected)
        || environment.GetEnvironmentVariable("GITHUB_ACTIONS") is not null
        || environment.GetEnvironmentVariable("TF_BUILD") is not null;
}
