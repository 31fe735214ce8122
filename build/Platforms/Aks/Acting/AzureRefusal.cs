using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>What a failed az command can be met with.</summary>
public enum RefusalKind
{
    /// <summary>It will fail again.</summary>
    Final,

    /// <summary>Another operation is at the resource: wait until that is over.</summary>
    InProgress,

    /// <summary>Too much, or a fault in between: again, later.</summary>
    Transient,

    /// <summary>What it should bring about is there already.</summary>
    AlreadySo,
}

/// <summary>From the words of a failed az command to what it means. Pure: a row a case, the first that matches counts.</summary>
public sealed record AzureRefusal(RefusalKind Kind, ErrorCode Code, string? Cause, string? Remedy)
{
    private const string Retried = "it was given several times; run again later";

    // Quota comes before the rest: Azure reports some of it as OperationNotAllowed, like an operation in progress.
    private static readonly (string[] Words, AzureRefusal Meaning)[] Table =
    [
        (["QuotaExceeded", "InsufficientVCPUQuota", "exceeding approved", "InsufficientCoreQuota"], Final(
            ErrorCode.AzureOperationFailed, "the subscription's quota for these machines is too small",
            "choose a smaller azure.cluster.vmSize or azure.cluster.nodeCount (--target=Doctor proposes some), or ask for more quota: https://aka.ms/ProdportalCRP")),
        (["SkuNotAvailable", "VM size of", "VMSizeNotSupported"], Final(
            ErrorCode.AzureOperationFailed, "this size of machine cannot be had in the region, or not by this subscription",
            "choose another azure.cluster.vmSize (--target=Doctor proposes some)")),
        (["RequestDisallowedByPolicy"], Final(
            ErrorCode.AzureForbidden, "a policy of the subscription forbids it",
            "ask who keeps the policies; where one forbids shared keys, azure.storage.kind: disk does without")),
        (["StorageAccountAlreadyTaken", "StorageAccountAlreadyExists"], Final(
            ErrorCode.AzureOperationFailed, "the name of a storage account is unique in all of Azure, and somebody has it",
            "choose another azure.storage.account")),
        (["AlreadyInUse"], Final(
            ErrorCode.AzureOperationFailed, "the name of a registry is unique in all of Azure, and somebody has it",
            "choose another azure.registry.name")),
        (["MissingSubscriptionRegistration"], Final(
            ErrorCode.AzureOperationFailed, "a resource provider is not registered in the subscription", "--target=Doctor names it and the command")),
        // The second: an answer got lost, az asked again, Azure said 200 instead of 201, and some builds of az know 201 alone.
        (["RoleAssignmentExists", "invalid status 'OK'"], new(RefusalKind.AlreadySo, ErrorCode.AzureRequestFailed, null, null)),
        (["AuthorizationFailed", "LinkedAuthorizationFailed", "Authorization_RequestDenied", "Insufficient privileges"], Final(
            ErrorCode.AzureForbidden, "the identity that az is logged in with may not do this",
            "ask for the role that the message names; to assign roles: Owner, User Access Administrator or Role Based Access Control Administrator, or set azure.registry.auth to token")),
        (["ExpiredAuthenticationToken", "InvalidAuthenticationToken", "az login", "AADSTS"], Final(
            ErrorCode.AzureLoginFailed, "the login has run out or is not valid here", "az login, and run again")),
        (["ScopeLocked"], Final(ErrorCode.AzureForbidden, "a lock on the resource or its group", "remove the lock: az lock list")),
        (["AnotherOperationInProgress", "is in progress", "OperationNotAllowed", "OperationInProgress", "ConcurrentUpdate", "EtagMismatch",
            "current operation has ended", "ResourceGroupBeingDeleted", "ShareBeingDeleted", "being deleted"],
            new(RefusalKind.InProgress, ErrorCode.AzureRequestFailed, "another operation was at it all the time", Retried)),
        (["TooManyRequests", "SubscriptionRequestsThrottled", "throttled", "(429)"],
            new(RefusalKind.Transient, ErrorCode.AzureRequestFailed, "Azure limits how much is asked of it", Retried)),
        (["InternalServerError", "ServiceUnavailable", "GatewayTimeout", "BadGateway", "ServerTimeout", "Connection aborted", "ConnectionResetError",
            "RemoteDisconnected", "Max retries exceeded", "Read timed out", "Connection reset", "IncompleteRead"],
            new(RefusalKind.Transient, ErrorCode.AzureRequestFailed, "Azure, or the way there, was out of order", Retried)),
        (["PrincipalNotFound", "does not reference a valid application object"],
            new(RefusalKind.Transient, ErrorCode.AzureRequestFailed, "the new identity has not arrived everywhere in the directory", Retried)),
    ];

    public static AzureRefusal Of(string standardError)
    {
        ArgumentNullException.ThrowIfNull(standardError);
        return Table.FirstOrDefault(row => row.Words.Any(word => standardError.Contains(word, StringComparison.OrdinalIgnoreCase))).Meaning
            ?? Final(ErrorCode.AzureRequestFailed, null, null);
    }

    private static AzureRefusal Final(ErrorCode code, string? cause, string? remedy) => new(RefusalKind.Final, code, cause, remedy);
}
