using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Acting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Acting;

public sealed class AzureRefusalTests
{
    [TestCase("(OperationNotAllowed) Operation could not be completed as it results in exceeding approved Total Regional Cores quota.", RefusalKind.Final, ErrorCode.AzureOperationFailed)]
    [TestCase("(ErrCode_InsufficientVCPUQuota) Insufficient vcpu quota requested 4, remaining 2.", RefusalKind.Final, ErrorCode.AzureOperationFailed)]
    [TestCase("(BadRequest) The VM size of Standard_D2s_v5 is not allowed in your subscription in location 'eastus'.", RefusalKind.Final, ErrorCode.AzureOperationFailed)]
    [TestCase("(RequestDisallowedByPolicy) Resource was disallowed by policy.", RefusalKind.Final, ErrorCode.AzureForbidden)]
    [TestCase("(AuthorizationFailed) The client does not have authorization to perform action.", RefusalKind.Final, ErrorCode.AzureForbidden)]
    [TestCase("(ExpiredAuthenticationToken) The access token expiry UTC time is earlier.", RefusalKind.Final, ErrorCode.AzureLoginFailed)]
    [TestCase("(OperationNotAllowed) Operation is not allowed: Another operation (Updating) is in progress", RefusalKind.InProgress, ErrorCode.AzureRequestFailed)]
    [TestCase("(ShareBeingDeleted) The specified share is being deleted. Try operation later.", RefusalKind.InProgress, ErrorCode.AzureRequestFailed)]
    [TestCase("(TooManyRequests) The request is being throttled.", RefusalKind.Transient, ErrorCode.AzureRequestFailed)]
    [TestCase("('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", RefusalKind.Transient, ErrorCode.AzureRequestFailed)]
    [TestCase("(InternalServerError) Encountered internal server error.", RefusalKind.Transient, ErrorCode.AzureRequestFailed)]
    [TestCase("(PrincipalNotFound) Principal does not exist in the directory.", RefusalKind.Transient, ErrorCode.AzureRequestFailed)]
    [TestCase("(RoleAssignmentExists) The role assignment already exists.", RefusalKind.AlreadySo, ErrorCode.AzureRequestFailed)]
    [TestCase("Operation returned an invalid status 'OK'", RefusalKind.AlreadySo, ErrorCode.AzureRequestFailed)]
    [TestCase("(SomethingNew) never seen", RefusalKind.Final, ErrorCode.AzureRequestFailed)]
    public void A_refusal_is_told_apart(string error, RefusalKind kind, ErrorCode code)
    {
        var refusal = AzureRefusal.Of("ERROR: " + error);

        Assert.That((refusal.Kind, refusal.Code), Is.EqualTo((kind, code)));
        if (refusal.Cause is not null)
            Assert.That(refusal.Remedy, Is.Not.Null);
    }
}
