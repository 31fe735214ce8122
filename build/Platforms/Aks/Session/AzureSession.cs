using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Settings;
using Azure.Core;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <inheritdoc cref="IAzureSession"/>
/// <remarks>
/// A run with nothing to do costs three az processes, which start together: account show, cloud show, and the credential's own
/// account get-access-token.
/// </remarks>
public sealed class AzureSession : IAzureSession, IArmCredentials, IDisposable
{
    /// <summary>A token is not used in its last minutes: a listing of many pages goes on for a while.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan JustNow = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly AzCli _az;
    private readonly AzureLogin _login;
    private readonly IAzureTokenSource _tokens;
    private readonly AzureConfigurationFiles _files;
    private readonly ISettingsProvider _settings;
    private readonly ISecretMask _mask;
    private readonly TimeProvider _clock;
    private readonly ArmClient _arm;
    private readonly SemaphoreSlim _gate = new(1);
    private Opened? _opened;
    private bool _hasLoggedIn;

    public AzureSession(
        AzCli az, AzureLogin login, IAzureTokenSource tokens, AzureConfigurationFiles files, ISettingsProvider settings, ISecretMask mask,
        ArmTransport transport, ArmTraffic traffic, TimeProvider clock)
    {
        _az = az;
        _login = login;
        _tokens = tokens;
        _files = files;
        _settings = settings;
        _mask = mask;
        _clock = clock;
        _arm = new ArmClient(this, transport, traffic, mask, clock);
    }

    public IArmClient Arm => _arm;

    private string Subscription => _settings.Settings.Azure?.Subscription
        ?? throw new BuildException(ErrorCode.ConfigurationInvalidValue, "There are no settings of Azure.", remedy: "set platform to aks in AmbrosiaAKSConf.json");

    public async Task<AzureAccount> GetAccountAsync(CancellationToken cancellation) => (await OpenAsync(cancellation)).Account;

    public async Task<AzureCloud> GetCloudAsync(CancellationToken cancellation) => (await OpenAsync(cancellation)).Cloud;

    public async Task<Uri> GetEndpointAsync(CancellationToken cancellation) => (await OpenAsync(cancellation)).Cloud.ResourceManager;

    public async Task<string> GetTokenAsync(string? refused, CancellationToken cancellation)
    {
        var opened = await OpenAsync(cancellation);
        if (IsGood(opened, refused))
            return opened.Token.Token;
        await _gate.WaitAsync(cancellation);
        try
        {
            // Of many requests that are refused together, one fetches the new token.
            if (_opened is not { } current || !IsGood(current, refused))
                _opened = _opened! with { Token = await FetchAsync(_opened.Cloud.TokenAudience, cancellation), Fetched = _clock.GetUtcNow() };
            return _opened!.Token.Token;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _arm.Dispose();
        _gate.Dispose();
    }

    /// <summary>A short-lived token that was just fetched is the best there is: asking again would cost an az process a request.</summary>
    private bool IsGood(Opened opened, string? refused)
    {
        var (now, ends) = (_clock.GetUtcNow(), opened.Token.ExpiresOn);
        return opened.Token.Token != refused && ends > now && (ends - Margin > now || now - opened.Fetched < JustNow);
    }

    private async Task<Opened> OpenAsync(CancellationToken cancellation)
    {
        if (_opened is { } ready)
            return ready;
        await _gate.WaitAsync(cancellation);
        try
        {
            return _opened ??= await StartAsync(cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Opened> StartAsync(CancellationToken cancellation)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var guess = _files.GuessAudience();
        var cloud = AskCloudAsync(together.Token);
        var token = guess is null ? null : _tokens.GetTokenAsync(guess, Subscription, together.Token);
        try
        {
            var account = await AskAccountAsync(together.Token);
            if (account is null)
            {
                await LogInAsync(cancellation);
                account = await AskAccountAsync(cancellation) ?? throw AzureLogin.NotPossible(Subscription, null);
                await SettleAsync(token);
                token = null; // refused before the login
            }

            var known = await cloud;
            if (token is null || guess != known.TokenAudience)
                return new Opened(account, known, await FetchAsync(known.TokenAudience, cancellation), _clock.GetUtcNow());
            return new Opened(account, known, await FirstAsync(token, known.TokenAudience, cancellation), _clock.GetUtcNow());
        }
        finally
        {
            // Whoever fails first is told of; the others end before anybody goes on.
            await together.CancelAsync();
            await SettleAsync(cloud);
            await SettleAsync(token);
        }
    }

    /// <summary>Null: not logged in, or not to this subscription, and a login can change that.</summary>
    private async Task<AzureAccount?> AskAccountAsync(CancellationToken cancellation)
    {
        var result = await _az.RunAsync(
            new AzCommand("account", "show", "--subscription", Subscription) { Timeout = Limit, ThrowOnFailure = false }, cancellation);
        if (result.ExitCode == 0)
            return AzAnswers.Account(AzCli.Parse("account show", result.StandardOutput));
        var error = _mask.Mask(result.StandardError.Trim());
        switch (AzAnswers.Classify(error))
        {
            case AccountFailure.NotLoggedIn when !_hasLoggedIn:
                return null;
            case AccountFailure.UnknownSubscription when !_hasLoggedIn && _login.IsPossible:
                return null;
            case AccountFailure.NotLoggedIn or AccountFailure.UnknownSubscription:
                throw new BuildException(
                    ErrorCode.AzureLoginFailed, $"az does not know subscription {Subscription}.", "the login has no access to it, or az has not seen it yet",
                    "check azure.subscription against: az account list --refresh --output table; or log in to its tenant: az login --tenant TENANT", error);
            default:
                throw new BuildException(ErrorCode.AzureLoginFailed, "az account show failed.", toolOutput: error, remedy: "run it by hand, and az login");
        }
    }

    private async Task<AzureCloud> AskCloudAsync(CancellationToken cancellation) =>
        AzAnswers.Cloud(await _az.QueryAsync(new AzCommand("cloud", "show") { Timeout = Limit }, cancellation));

    private async Task LogInAsync(CancellationToken cancellation)
    {
        _hasLoggedIn = true;
        await _login.LogInAsync(Subscription, cancellation);
    }

    private Task<AccessToken> FetchAsync(string audience, CancellationToken cancellation) =>
        FirstAsync(_tokens.GetTokenAsync(audience, Subscription, cancellation), audience, cancellation);

    /// <summary>A login that az still remembers may be over all the same: then once more, after a new one.</summary>
    private async Task<AccessToken> FirstAsync(Task<AccessToken> token, string audience, CancellationToken cancellation)
    {
        try
        {
            return await token;
        }
        catch (BuildException exception) when (
            exception.Code == ErrorCode.AzureLoginFailed && TokenFailure.IsOver(exception.Message) && !_hasLoggedIn && _login.IsPossible)
        {
            await LogInAsync(cancellation);
            return await _tokens.GetTokenAsync(audience, Subscription, cancellation);
        }
    }

    private static async Task SettleAsync(Task? task)
    {
        if (task is not null)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed record Opened(AzureAccount Account, AzureCloud Cloud, AccessToken Token, DateTimeOffset Fetched);
}
