using System.Text;
using System.Text.Json.Nodes;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>
/// The logins of a run. That for pushes is asked for once. That for pulls is made once and then kept where it is used, in the cluster's pull
/// Secret: Azure never tells a password again, and a new one at each run would change the Secret each time. Before the plan is approved
/// nothing is made at all.
/// </summary>
public sealed class AcrLogins(
    AcrAccess registry, ServicePrincipals principals, AksClusterAccess cluster, KubectlCli kubectl, PlanGate gate, ISettingsProvider settings,
    ISecretMask mask) : IRegistryAccess, IDisposable
{
    /// <summary>Stands in a plan for a password that is made after it was approved.</summary>
    public const string NotYet = "made-when-the-plan-is-approved";

    private readonly SemaphoreSlim _gate = new(1);
    private RegistryLogin? _push;
    private RegistryLogin? _made;

    public Task<string?> ServerAsync(CancellationToken cancellation) => registry.ServerAsync(cancellation);

    public async Task<RegistryLogin?> PushLoginAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return _push ??= await registry.PushLoginAsync(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    public Task<RegistryLogin?> ReadLoginAsync(CancellationToken cancellation) => registry.ReadLoginAsync(cancellation);

    public async Task<RegistryLogin?> PullLoginAsync(CancellationToken cancellation)
    {
        var names = new AzureNames(settings.Settings);
        var auth = names.Azure.Registry.Auth;
        if (!names.UsesRegistry || auth == RegistryAuth.ManagedIdentity)
            return null;
        if (auth == RegistryAuth.ServicePrincipal && principals.IsGiven)
            return await registry.PullLoginAsync(cancellation);
        if (_made is not null)
            return _made;
        var server = await registry.ServerAsync(cancellation);
        if (await cluster.ExistsAsync(cancellation) && await FromClusterAsync(server!, names, cancellation) is { } kept)
            return kept;
        return gate.IsApproved ? _made = await registry.PullLoginAsync(cancellation) : new RegistryLogin(server!, names.TokenName, NotYet);
    }

    /// <summary>What an earlier run has put into the Secret; null where it is missing, or for another registry or token.</summary>
    private async Task<RegistryLogin?> FromClusterAsync(string server, AzureNames names, CancellationToken cancellation)
    {
        var secrets = await kubectl.GetWhatMayBeReadAsync(
            await cluster.GetAsync(cancellation), [$"secret/{settings.Settings.Kubernetes.PullSecret}"], cancellation);
        if (secrets is not [var secret] || (string?)secret["data"]?[".dockerconfigjson"] is not { } encoded)
            return null;
        var login = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(encoded)))?["auths"]?[server];
        if ((string?)login?["username"] is not { } user || (string?)login["password"] is not { } password)
            return null;
        if (names.Azure.Registry.Auth == RegistryAuth.Token && user != names.TokenName)
            return null;
        mask.Add(password);
        return new RegistryLogin(server, user, password);
    }
}
