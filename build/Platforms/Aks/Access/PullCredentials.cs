using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <inheritdoc cref="IPullCredentials"/>
public sealed class PullCredentials(
    ISettingsProvider settings, AzureWriter writer, ServicePrincipals principals, ResourceWatch watch, ISecretMask mask) : IPullCredentials
{
    public async Task<RegistryLogin?> GetAsync(CancellationToken cancellation)
    {
        var names = new AzureNames(settings.Settings);
        if (!names.UsesRegistry || names.Azure.Registry.Auth == RegistryAuth.ManagedIdentity)
            return null;
        var server = await ServerAsync(names, cancellation);
        var (user, password) = names.Azure.Registry.Auth == RegistryAuth.Token
            ? await TokenAsync(names, cancellation)
            : await principals.PasswordAsync(names, cancellation);
        mask.Add(password);
        return new RegistryLogin(server, user, password);
    }

    private async Task<(string User, string Password)> TokenAsync(AzureNames names, CancellationToken cancellation)
    {
        var result = await writer.RunAsync(names, AzurePart.Registry, AzureCommands.GenerateTokenPassword(names), cancellation);
        using var answer = JsonDocument.Parse(result.StandardOutput);
        var password = answer.RootElement.GetProperty("passwords").EnumerateArray()
            .Select(each => each.TryGetProperty("value", out var value) ? value.GetString() : null)
            .FirstOrDefault(value => !string.IsNullOrEmpty(value));
        return (names.TokenName, password ?? throw new BuildException(
            ErrorCode.AzureRequestFailed, $"az acr token credential generate gave no password for {names.TokenName}."));
    }

    private async Task<string> ServerAsync(AzureNames names, CancellationToken cancellation)
    {
        var registry = await watch.LookAsync(names, AzurePart.Registry, cancellation) ?? throw new BuildException(
            ErrorCode.AzureRequestFailed, $"The {names.Describe(AzurePart.Registry)} does not exist.", remedy: "./build.sh --target=ProvisionAcr");
        return registry.GetProperty("properties").GetProperty("loginServer").GetString()!;
    }
}
