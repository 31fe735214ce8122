using Ambrosia.Build.Cli;
using Cake.Core;
using Cake.Core.Diagnostics;
using Cake.Frosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Spectre.Console;

namespace Ambrosia.Build.Reporting;

public static class ReportingServices
{
    public static IServiceCollection AddReporting(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => TerminalCapabilities.Detect(
            Console.IsInputRedirected, Console.IsOutputRedirected, Environment.GetEnvironmentVariable));
        services.AddSingleton<IBuildConsole>(provider =>
        {
            var capabilities = provider.GetRequiredService<TerminalCapabilities>();
            // Asking the terminal what it can do takes time, which only a live table is worth.
            var terminal = new Lazy<IAnsiConsole>(() => AnsiConsole.Create(new AnsiConsoleSettings
            {
                ColorSystem = capabilities.Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Ansi = capabilities.Live ? AnsiSupport.Detect : AnsiSupport.No,
            }));
            return new BuildConsole(
                provider.GetRequiredService<ICakeLog>(),
                provider.GetRequiredService<IConsole>(),
                terminal,
                capabilities,
                provider.GetRequiredService<ISecretMask>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<Announcements>());
        });
        services.AddSingleton<RunReport>();
        services.AddSingleton<Steps>();
        services.AddSingleton(provider => new ReportWriter(
            provider.GetRequiredService<BuildPaths>(),
            provider.GetRequiredService<ISecretMask>(),
            provider.GetRequiredService<IBuildConsole>(),
            Environment.GetEnvironmentVariable));
        return services.UseLifetime<ReportLifetime>();
    }
}
