using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Aks.Session;

/// <summary>What Azure.Identity says about a token that az did not give, as an error with a cure.</summary>
internal static class TokenFailure
{
    public static BuildException TimedOut(TimeSpan limit) => new(
        ErrorCode.ToolTimedOut,
        $"az account get-access-token did not end within {limit.TotalSeconds:0} s and was killed.",
        remedy: "run it by hand: it may wait for a network or proxy (HTTPS_PROXY)");

    /// <param name="message">Of the exception, masked.</param>
    public static BuildException Explain(string message)
    {
        if (message.Contains("not installed", StringComparison.OrdinalIgnoreCase))
        {
            return new BuildException(
                ErrorCode.ToolMissing, "az was not found on PATH.", message, "install the Azure CLI: https://learn.microsoft.com/cli/azure/install-azure-cli");
        }

        if (message.Contains("timed out", StringComparison.OrdinalIgnoreCase))
            return new BuildException(ErrorCode.ToolTimedOut, "az account get-access-token did not answer in time.", message, "run it by hand and see what it waits for");
        var (cause, remedy) = Classify(message);
        return new BuildException(ErrorCode.AzureLoginFailed, "az gives no token for Azure Resource Manager.", cause, remedy, message);
    }

    /// <summary>True where a new login would help.</summary>
    public static bool IsOver(string message) =>
        message.Contains("az login", StringComparison.OrdinalIgnoreCase) || message.Contains("AADSTS", StringComparison.Ordinal)
        || message.Contains("refresh token", StringComparison.OrdinalIgnoreCase);

    // https://learn.microsoft.com/entra/identity-platform/reference-error-codes
    private static (string Cause, string Remedy) Classify(string message)
    {
        if (message.Contains("AADSTS50076", StringComparison.Ordinal) || message.Contains("AADSTS50079", StringComparison.Ordinal))
            return ("a second factor is asked for", "az login --tenant TENANT, in a browser");
        if (message.Contains("AADSTS7000222", StringComparison.Ordinal))
            return ("the service principal's secret has expired", "make a new one: az ad app credential reset --id APP_ID; then az login again");
        if (message.Contains("AADSTS53003", StringComparison.Ordinal))
            return ("a conditional access policy forbids it from this machine", "run from a machine that the policy allows");
        return IsOver(message)
            ? ("az is not logged in, or its login is over", "az login")
            : ("see az's words above", "run by hand: az account get-access-token");
    }
}
