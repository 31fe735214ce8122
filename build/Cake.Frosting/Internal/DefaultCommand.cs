using Cake.Cli;
using Cake.Cli.Infrastructure;
using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Packaging;
using Cake.Core.Scripting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console.Cli;

namespace Cake.Frosting.Internal;

/// <summary>The one command of a host: everything between the parsed command line and the exit code.</summary>
internal sealed class DefaultCommand(IServiceCollection services) : AsyncCommand<DefaultCommandSettings>
{
    public override async Task<int> ExecuteAsync(
        CommandContext context, DefaultCommandSettings settings, CancellationToken cancellationToken)
    {
        services.AddSingleton<ICakeArguments>(context.Remaining.ToCakeArguments(settings.Targets));
        await using var provider = services.BuildServiceProvider();
        try
        {
            await RunAsync(provider, settings);
            return 0;
        }
        // CA1031: whatever a task throws becomes the exit code of the process.
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ExceptionLogger.LogException(provider.GetRequiredService<ICakeLog>(), exception);
        }
    }

    private static async Task RunAsync(ServiceProvider provider, DefaultCommandSettings settings)
    {
        if (settings.Version || settings.Info)
        {
            ShowVersion(provider, settings);
            return;
        }

        SetWorkingDirectory(provider, settings);
        provider.GetRequiredService<ICakeLog>().Verbosity =
            provider.GetRequiredService<ICakeConfiguration>().GetVerbosity(settings.Verbosity, Verbosity.Normal);
        InstallTools(provider);
        provider.GetRequiredService<FrostingEngine>().Register();

        var host = Host(provider, settings);
        if (settings.Exclusive)
            host.Settings.UseExclusiveTarget();
        await (settings.Targets is [var target] ? host.RunTargetAsync(target) : host.RunTargetsAsync(settings.Targets));
    }

    private static void ShowVersion(ServiceProvider provider, DefaultCommandSettings settings)
    {
        var console = provider.GetRequiredService<IConsole>();
        if (settings.Version)
            provider.GetRequiredService<VersionFeature>().Run(console);
        else
            provider.GetRequiredService<InfoFeature>().Run(console);
    }

    private static void SetWorkingDirectory(ServiceProvider provider, DefaultCommandSettings settings)
    {
        if ((settings.WorkingDirectory ?? provider.GetService<WorkingDirectory>()?.Path) is not { } path)
            return;
        var environment = provider.GetRequiredService<ICakeEnvironment>();
        path = path.MakeAbsolute(environment);
        if (!provider.GetRequiredService<IFileSystem>().GetDirectory(path).Exists)
            throw new FrostingException($"The working directory '{path.FullPath}' does not exist.");
        environment.WorkingDirectory = path;
    }

    private static void InstallTools(ServiceProvider provider)
    {
        var installer = provider.GetRequiredService<IToolInstaller>();
        foreach (var tool in provider.GetServices<PackageReference>())
            installer.Install(tool);
    }

    private static IScriptHost Host(ServiceProvider provider, DefaultCommandSettings settings) => settings switch
    {
        { Description: true } => provider.GetRequiredService<DescriptionScriptHost>(),
        { Tree: true } => provider.GetRequiredService<TreeScriptHost>(),
        { DryRun: true } => provider.GetRequiredService<DryRunScriptHost<IFrostingContext>>(),
        _ => provider.GetRequiredService<BuildScriptHost<IFrostingContext>>(),
    };
}
