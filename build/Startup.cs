using Ambrosia.Build.Arguments;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Planning;
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
        this IServiceCollection services, BuildPaths paths, TaskCatalogue catalogue, CommandLine commandLine, IShutdown shutdown,
        IDeferredRemoval removal, ClosingLines closing, Announcements announcements, ExitStatus status)
    {
        services.AddSingleton(paths);
        services.AddSingleton(catalogue);
        services.AddSingleton(shutdown);
        services.AddSingleton(removal);
        services.AddSingleton(closing);
        services.AddSingleton(announcements);
        services.AddSingleton(status);
        services.AddSingleton(new RunScope(commandLine.TasksToRun(catalogue)));
        services.AddSingleton(provider => new StateDirectory(
            provider.GetRequiredService<ISettingsProvider>(), Environment.GetEnvironmentVariable));
        services.AddSingleton<HelpText>();
        services.AddSingleton<IConsole>(provider =>
        {
            var console = ActivatorUtilities.CreateInstance<CakeConsole>(provider);
            return !commandLine.AnswersAProgram && ShowsColours(provider.GetRequiredService<ICakeEnvironment>())
                ? console
                : new RedirectedConsole(console, commandLine.AnswersAProgram);
        });
        services.AddSingleton<ICakeLog>(provider => new FailureLog(
            new CakeBuildLog(provider.GetRequiredService<IConsole>()), provider.GetRequiredService<IShutdown>(), provider.GetRequiredService<ISecretMask>()));
        services.AddCli().AddSettings().AddReporting().AddPlanning().AddPlatforms();
        return services;
    }

    /// <summary>A terminal shows colours, and so do the log pages of these two CI systems.</summary>
    private static bool ShowsColours(ICakeEnvironment environment) =>
        !(Console.IsOutputRedirected || Console.IsErrorRedirected)
        || environment.GetEnvironmentVariable("GITHUB_ACTIONS") is not null
        || environment.GetEnvironmentVariable("TF_BUILD") is not null;
}
