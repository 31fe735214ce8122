namespace Ambrosia.Build.Platforms.Kubernetes.Access;

/// <summary>The connection string out of the environment: a secret is no key of the configuration file.</summary>
public sealed class EnvironmentStorageConnection(Func<string, string?> environment) : IStorageConnection
{
    public const string Variable = "AMBROSIA_STORAGE_CONNECTION_STRING";

    public string Remedy => $"set the environment variable {Variable} to the connection string of an Azure storage account";

    public Task<string?> GetConnectionStringAsync(CancellationToken cancellation) =>
        Task.FromResult(environment(Variable) is { Length: > 0 } connection ? connection : null);
}
