using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Cli;

public static class CliServices
{
    /// <summary>The process runner, the secret mask that everything which prints must use, and the journal of commands.</summary>
    public static IServiceCollection AddCli(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddSingleton<ISecretMask, SecretMask>()
            .AddSingleton<CommandJournal>()
            .AddSingleton<IProcessRunner, ProcessRunner>();
    }
}
