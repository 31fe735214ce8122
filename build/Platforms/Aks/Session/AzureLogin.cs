using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>Logs az in, by the way that the environment offers.</summary>
public sealed class AzureLogin(
    AzCli az, IProcessRunner runner, TerminalCapabilities capabilities, IBuildConsole console, Func<string, string?> environment)
{
    /// <summary>A person needs time to find a second device.</summary>
    private static readonly TimeSpan PersonLimit = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MachineLimit = TimeSpan.FromMinutes(2);

    /// <summary>False where nobody could be asked and nothing is given.</summary>
    public bool IsPossible => Choose() is not LoginMethod.None;

    /// <param name="subscription">Named to a person.</param>
    /// <exception cref="BuildException">AMB3001.</exception>
    public async Task LogInAsync(string subscription, CancellationToken cancellation)
    {
        switch (Choose())
        {
            case LoginMethod.ServicePrincipal given:
                console.Event($"az is not logged in: logging in the service principal {given.ClientId}");
                await RunAsync(
                    new AzCommand("login", "--service-principal", "--username", given.ClientId, "--tenant", given.TenantId, "--password", "@-")
                    {
                        StandardInput = given.Secret,
                        Secrets = [given.Secret],
                    },
                    cancellation);
                return;
            case LoginMethod.Federated given:
                console.Event($"az is not logged in: logging in the service principal {given.ClientId} with a federated token");
                if (!File.Exists(given.TokenFile))
                {
                    throw new BuildException(
                        ErrorCode.AzureLoginFailed, $"There is no file {given.TokenFile}.", $"{LoginMethod.TokenFileVariable} names it",
                        "let the CI system write its identity token there, or unset the variable");
                }

                await RunAsync(
                    new AzCommand(
                        "login", "--service-principal", "--username", given.ClientId, "--tenant", given.TenantId, "--federated-token", "@" + given.TokenFile),
                    cancellation);
                return;
            case LoginMethod.ManagedIdentity given:
                console.Event($"az is not logged in: logging in the managed identity{(given.ClientId is null ? "" : " " + given.ClientId)}");
                await LogInIdentityAsync(given, cancellation);
                return;
            case LoginMethod.Browser:
                console.Event("az is not logged in: opening the browser (az login)");
                await AskPersonAsync(["login"], cancellation);
                return;
            case LoginMethod.DeviceCode:
                console.Event("az is not logged in: az login --use-device-code");
                await AskPersonAsync(["login", "--use-device-code"], cancellation);
                return;
            case LoginMethod.None none:
                throw NotPossible(subscription, none.Missing);
        }
    }

    internal static BuildException NotPossible(string subscription, string? missing) => new(
        ErrorCode.AzureLoginFailed,
        $"az is not logged in, so subscription {subscription} cannot be used.",
        missing is null ? "there is no terminal to log in at, and the environment names no identity" : $"the environment names an identity in part: {missing} is missing",
        "az login; in CI set AZURE_CLIENT_ID and AZURE_TENANT_ID with AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, "
        + "or AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential on a machine that has an identity");

    private LoginMethod Choose() => LoginMethod.Choose(
        environment, capabilities.CanAsk, LoginMethod.HasBrowser(environment, OperatingSystem.IsWindows(), OperatingSystem.IsMacOS()));

    private async Task LogInIdentityAsync(LoginMethod.ManagedIdentity identity, CancellationToken cancellation)
    {
        if (identity.ClientId is not { } client)
        {
            await RunAsync(new AzCommand("login", "--identity"), cancellation);
            return;
        }

        // Newer az has --client-id and no longer --username for an identity; older has --username alone: Azure/azure-cli#30525.
        var result = await az.RunAsync(
            new AzCommand("login", "--identity", "--client-id", client) { Timeout = MachineLimit, ThrowOnFailure = false }, cancellation);
        if (result.ExitCode != 0)
            await RunAsync(new AzCommand("login", "--identity", "--username", client), cancellation);
    }

    private async Task RunAsync(AzCommand command, CancellationToken cancellation)
    {
        var result = await az.RunAsync(command with { Timeout = MachineLimit, ThrowOnFailure = false }, cancellation);
        if (result.ExitCode != 0)
        {
            throw new BuildException(
                ErrorCode.AzureLoginFailed, "az login failed.", toolOutput: LastLines(result.StandardError),
                remedy: "check AZURE_CLIENT_ID, AZURE_TENANT_ID and the secret or token that goes with them");
        }
    }

    /// <summary>With az's warnings, for there stand the address and the code; without its answer, the list of all subscriptions.</summary>
    private async Task AskPersonAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(
            new ProcessRequest("az", [.. arguments, "--output", "none"])
            {
                // Newer az would ask for a subscription; ours is configured, and this child has no keyboard.
                Environment = new Dictionary<string, string?>(AzCli.Quiet) { ["AZURE_CORE_LOGIN_EXPERIENCE_V2"] = "off" },
                OnErrorLine = console.Line,
                Timeout = PersonLimit,
                ThrowOnFailure = false,
            },
            cancellation);
        if (result.ExitCode != 0)
            throw new BuildException(ErrorCode.AzureLoginFailed, "az login failed.", toolOutput: LastLines(result.StandardError), remedy: "run az login by hand");
    }

    private static string LastLines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').TakeLast(5));
}
