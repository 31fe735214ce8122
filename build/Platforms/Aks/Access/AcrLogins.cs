using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>
/// The logins of a run. That for pushes is asked for once. That for pulls is made once and then kept where it is used, in the cluster's pull
/// Secret: Azure never tells a password again, and a new one at each run would change the Secret each time. It is kept as long as it is good:
/// a token or application that was made anew has another, and an application's runs out. Before the plan is approved nothing is made at all.
/// </summary>
public sealed class AcrLogins(
    AcrAccess registry, ServicePrincipals principals, AksClusterAccess cluster, KubectlCli kubectl, PlanGate gate, ISettingsProvider settings,
    IAzureSession session, AcrTokenExchange exchange, ISecretMask mask, TimeProvider time) : IRegistryAccess
{
    /// <summary>Stands in a plan for a password that is made after it was approved.</summary>
    public const string NotYet = "made-when-the-plan-is-approved";

    private readonly AsyncOnce<RegistryLogin?> _push = new();
    private RegistryLogin? _pull;

    public Task<string?> ServerAsync(CancellationToken cancellation) => registry.ServerAsync(cancellation);

    public Task<RegistryLogin?> PushLoginAsync(CancellationToken cancellation) => _push.GetAsync(registry.PushLoginAsync, cancellation);

    public Task<RegistryLogin?> ReadLoginAsync(CancellationToken cancellation) => registry.ReadLoginAsync(cancellation);

    public async Task<RegistryLogin?> PullLoginAsync(CancellationToken cancellation)
    {
        var names = new AzureNames(settings.Settings);
        var auth = names.Azure.Registry.Auth;
        if (!names.UsesRegistry || auth == RegistryAuth.ManagedIdentity)
            return null;
        if (auth == RegistryAuth.ServicePrincipal && principals.IsGiven)
            return await registry.PullLoginAsync(cancellation);
        if (_pull is not null)
            return _pull;
        var server = await registry.ServerAsync(cancellation);
        if (await cluster.ExistsAsync(cancellation) && await FromClusterAsync(server!, cancellation) is { } kept
            && await IsGoodAsync(kept, names, cancellation))
            return _pull = kept;
        return gate.IsApproved ? _pull = await registry.PullLoginAsync(cancellation) : new RegistryLogin(server!, names.TokenName, NotYet);
    }

    /// <summary>Whether pods can be started with it for some time to come.</summary>
    private async Task<bool> IsGoodAsync(RegistryLogin kept, AzureNames names, CancellationToken cancellation)
    {
        var given = names.Azure.Registry.Auth == RegistryAuth.Token
            ? await OfTokenAsync(kept, names, cancellation)
            : await OfPrincipalAsync(kept, names, cancellation);
        if (!PullPassword.Lasts(kept.Password, given, time.GetUtcNow()))
            return false;
        // A run may have ended between a new password and the Secret. Of a token's password nothing is told that would show it.
        return await exchange.AcceptsAsync(kept, names.Repository, cancellation) != false;
    }

    private async Task<IReadOnlyList<PullPassword>> OfTokenAsync(RegistryLogin kept, AzureNames names, CancellationToken cancellation)
    {
        if (kept.User != names.TokenName)
            return [];
        var token = await session.Arm.GetAsync($"{names.RegistryId}/tokens/{names.TokenName}", ApiVersions.Registry, cancellation);
        return token is not { } json ? [] :
        [
            .. json.Items("properties", "credentials", "passwords").Select(each => new PullPassword(null, DateTimeOffset.TryParse(
                each.Text("expiry"), CultureInfo.InvariantCulture, out var until) ? until : null)),
        ];
    }

    private async Task<IReadOnlyList<PullPassword>> OfPrincipalAsync(RegistryLogin kept, AzureNames names, CancellationToken cancellation)
    {
        var principal = await principals.FindAsync(names, cancellation);
        return string.Equals(principal?.AppId, kept.User, StringComparison.OrdinalIgnoreCase)
            ? await principals.PasswordsAsync(names, kept.User, cancellation)
            : [];
    }

    /// <summary>What an earlier run has put into the Secret; null where it is missing, or for another registry.</summary>
    private async Task<RegistryLogin?> FromClusterAsync(string server, CancellationToken cancellation)
    {
        var secrets = await kubectl.GetWhatMayBeReadAsync(
            await cluster.GetAsync(cancellation), [$"secret/{settings.Settings.Kubernetes.PullSecret}"], cancellation);
        if (secrets is not [var secret] || (string?)secret["data"]?[".dockerconfigjson"] is not { } encoded)
            return null;
        var login = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)))?["auths"]?[server];
        if ((string?)login?["username"] is not { } user || (string?)login["password"] is not { } password)
            return null;
        mask.Add(password);
        return new RegistryLogin(server, user, password);
    }
}
