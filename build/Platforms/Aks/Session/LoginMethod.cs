namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>How az gets logged in where it is not.</summary>
public abstract record LoginMethod
{
    /// <summary>A person, in the browser.</summary>
    public sealed record Browser : LoginMethod;

    /// <summary>A person, by a code typed in on another machine.</summary>
    public sealed record DeviceCode : LoginMethod;

    /// <param name="Secret">Travels by standard input.</param>
    public sealed record ServicePrincipal(string ClientId, string TenantId, string Secret) : LoginMethod
    {
        public override string ToString() => $"{nameof(ServicePrincipal)} {ClientId}";
    }

    /// <param name="TokenFile">Holds a token that CI's identity provider has signed; az reads the file.</param>
    public sealed record Federated(string ClientId, string TenantId, string TokenFile) : LoginMethod;

    /// <param name="ClientId">Of a user-assigned identity; null for the machine's own.</param>
    public sealed record ManagedIdentity(string? ClientId) : LoginMethod;

    /// <summary>Nothing is given to log in with.</summary>
    /// <param name="Missing">What is there in part, for a person; null where nothing is.</param>
    public sealed record None(string? Missing) : LoginMethod;

    // The names are those of Azure.Identity's EnvironmentCredential, WorkloadIdentityCredential and DefaultAzureCredential:
    // https://learn.microsoft.com/dotnet/api/overview/azure/identity-readme#environment-variables
    public const string ClientIdVariable = "AZURE_CLIENT_ID",
        TenantVariable = "AZURE_TENANT_ID",
        SecretVariable = "AZURE_CLIENT_SECRET",
        TokenFileVariable = "AZURE_FEDERATED_TOKEN_FILE",
        CredentialsVariable = "AZURE_TOKEN_CREDENTIALS";

    /// <summary>
    /// What the environment names goes before a person: whoever sets it means it. A managed identity is taken where the host offers one
    /// (App Service, Azure Arc, Azure DevOps agents in containers) or where it is asked for by name: on a machine outside Azure the attempt
    /// costs a minute of silence.
    /// </summary>
    /// <param name="canAsk">A person sits at a terminal.</param>
    /// <param name="hasBrowser">A browser can be opened there.</param>
    public static LoginMethod Choose(Func<string, string?> environment, bool canAsk, bool hasBrowser)
    {
        ArgumentNullException.ThrowIfNull(environment);
        string? Given(string name) => environment(name) is { Length: > 0 } value ? value : null;

        var (client, tenant) = (Given(ClientIdVariable), Given(TenantVariable));
        if (Given(SecretVariable) is { } secret && client is not null && tenant is not null)
            return new ServicePrincipal(client, tenant, secret);
        if (Given(TokenFileVariable) is { } file && client is not null && tenant is not null)
            return new Federated(client, tenant, file);
        if (Given("IDENTITY_ENDPOINT") is not null || Given("MSI_ENDPOINT") is not null
            || string.Equals(Given(CredentialsVariable), "ManagedIdentityCredential", StringComparison.OrdinalIgnoreCase))
            return new ManagedIdentity(client);
        if (canAsk)
            return hasBrowser ? new Browser() : new DeviceCode();
        return new None(Incomplete(
            client, tenant, Given(SecretVariable) is not null ? SecretVariable : Given(TokenFileVariable) is not null ? TokenFileVariable : null));
    }

    /// <summary>Over SSH, and on a Unix without a display, there is no browser to open.</summary>
    public static bool HasBrowser(Func<string, string?> environment, bool isWindows, bool isMacOS)
    {
        ArgumentNullException.ThrowIfNull(environment);
        bool Has(string name) => !string.IsNullOrEmpty(environment(name));
        if (Has("SSH_CONNECTION") || Has("SSH_TTY"))
            return false;
        return isWindows || isMacOS || Has("DISPLAY") || Has("WAYLAND_DISPLAY") || Has("BROWSER") || Has("WSL_DISTRO_NAME");
    }

    private static string? Incomplete(string? client, string? tenant, string? proof)
    {
        if (client is null && tenant is null && proof is null)
            return null;
        var missing = new List<string>();
        if (client is null)
            missing.Add(ClientIdVariable);
        if (tenant is null)
            missing.Add(TenantVariable);
        if (proof is null)
            missing.Add($"{SecretVariable} or {TokenFileVariable}");
        return string.Join(", ", missing);
    }
}
