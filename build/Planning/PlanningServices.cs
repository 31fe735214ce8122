using Ambrosia.Build.Reporting;
using Cake.Core;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace Ambrosia.Build.Planning;

public static class PlanningServices
{
    public static IServiceCollection AddPlanning(this IServiceCollection services) => services
        .AddSingleton<PlanGate>()
        .AddSingleton<IConfirmation>(provider => new Confirmation(
            provider.GetRequiredService<ICakeArguments>(),
            provider.GetRequiredService<TerminalCapabilities>(),
            new Lazy<IAnsiConsole>(() => AnsiConsole.Create(new AnsiConsoleSettings()))));
}
