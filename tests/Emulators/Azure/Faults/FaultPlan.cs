using System.Collections.Immutable;

namespace Ambrosia.Emulators.Azure.Faults;

/// <summary>The faults that a test injects. The first one that matches meets a request; each ends by itself after its count.</summary>
public sealed class FaultPlan
{
    private ImmutableList<Fault> _faults = [];

    public Fault Add(Fault fault)
    {
        ImmutableInterlocked.Update(ref _faults, (faults, added) => faults.Add(added), fault);
        return fault;
    }

    public void Clear() => _faults = [];

    /// <summary>429 with <c>Retry-After</c> (whole seconds).</summary>
    public Fault Throttle(RequestMatch match, TimeSpan retryAfter, int times = 1) =>
        Refuse("throttle", match, 429, "TooManyRequests", "The request is being throttled.", times, retryAfter);

    /// <summary>409 because another operation is in progress.</summary>
    public Fault InProgress(RequestMatch match, int times = 1) => Refuse("operation in progress", match, 409, "OperationNotAllowed",
        "Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation.", times);

    public Fault QuotaExceeded(RequestMatch match, string family = "standardDSv2Family", int times = int.MaxValue) => Refuse(
        "quota exceeded", match, 400, "ErrCode_InsufficientVCPUQuota",
        $"Insufficient vcpu quota requested 2, remaining 0 for family {family} for region westeurope.", times);

    public Fault Slow(RequestMatch match, TimeSpan delay, int times = 1) =>
        Add(new Fault { Name = "slow", Match = match, Kind = FaultKind.Slow, Times = times, Delay = delay });

    public Fault Drop(RequestMatch match, int times = 1) => Add(new Fault { Name = "dropped connection", Match = match, Kind = FaultKind.Drop, Times = times });

    /// <summary>Azure does what was asked, but the client never hears of it.</summary>
    public Fault LoseReply(RequestMatch match, int times = 1) =>
        Add(new Fault { Name = "lost reply", Match = match, Kind = FaultKind.LoseReply, Times = times });

    /// <summary>401 as for an access token past its life.</summary>
    public Fault ExpireToken(RequestMatch match, int times = 1) => Refuse(
        "expired token", match, 401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.", times);

    public Fault ServerError(RequestMatch match, int times = 1, int status = 500) =>
        Refuse($"server error {status}", match, status, "InternalServerError", "Encountered internal server error.", times);

    /// <summary>The create or update is accepted and ends with <c>provisioningState: Failed</c>.</summary>
    public Fault EndInFailed(RequestMatch match, string code = "ReconcileFailed", string message = "The emulated operation was told to fail.", int times = 1) =>
        Add(new Fault { Name = "ends in Failed", Match = match, Kind = FaultKind.FailOperation, Times = times, Code = code, Message = message });

    public Fault RefuseByPolicy(RequestMatch match, string policy = "Storage accounts should prevent shared key access", int times = int.MaxValue) => Refuse(
        "policy", match, 403, "RequestDisallowedByPolicy",
        $"Resource was disallowed by policy. Policy identifiers: '[{{\"policyAssignment\":{{\"name\":\"{policy}\"}}}}]'.", times);

    public Fault Refuse(RequestMatch match, int status, string code, string message, int times = 1) => Refuse(code, match, status, code, message, times);

    internal Fault? Meeting(string method, string path) => _faults.FirstOrDefault(fault => fault.Meets(method, path));

    private Fault Refuse(string name, RequestMatch match, int status, string code, string message, int times, TimeSpan? retryAfter = null) => Add(new Fault
    {
        Name = name,
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = status,
        Code = code,
        Message = message,
        RetryAfter = retryAfter,
    });
}
