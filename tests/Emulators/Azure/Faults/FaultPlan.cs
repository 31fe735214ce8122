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
    public Fault Throttle(RequestMatch match, TimeSpan retryAfter, int times = 1) => Add(new Fault
    {
        Name = "throttle",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = 429,
        Code = "TooManyRequests",
        RetryAfter = retryAfter,
        Message = "The request is being throttled.",
    });

    /// <summary>409 because another operation is in progress.</summary>
    public Fault InProgress(RequestMatch match, int times = 1) => Add(new Fault
    {
        Name = "operation in progress",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = 409,
        Code = "OperationNotAllowed",
        Message = "Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation.",
    });

    public Fault QuotaExceeded(RequestMatch match, string family = "standardDSv2Family", int times = int.MaxValue) => Add(new Fault
    {
        Name = "quota exceeded",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = 400,
        Code = "ErrCode_InsufficientVCPUQuota",
        Message = $"Insufficient vcpu quota requested 2, remaining 0 for family {family} for region westeurope.",
    });

    public Fault Slow(RequestMatch match, TimeSpan delay, int times = 1) =>
        Add(new Fault { Name = "slow", Match = match, Kind = FaultKind.Slow, Times = times, Delay = delay });

    public Fault Drop(RequestMatch match, int times = 1) => Add(new Fault { Name = "dropped connection", Match = match, Kind = FaultKind.Drop, Times = times });

    /// <summary>Azure does what was asked, but the client never hears of it.</summary>
    public Fault LoseReply(RequestMatch match, int times = 1) =>
        Add(new Fault { Name = "lost reply", Match = match, Kind = FaultKind.LoseReply, Times = times });

    /// <summary>401 as for an access token past its life.</summary>
    public Fault ExpireToken(RequestMatch match, int times = 1) => Add(new Fault
    {
        Name = "expired token",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = 401,
        Code = "ExpiredAuthenticationToken",
        Message = "The access token expiry UTC time is earlier than current UTC time.",
    });

    public Fault ServerError(RequestMatch match, int times = 1, int status = 500) => Add(new Fault
    {
        Name = $"server error {status}",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = status,
        Code = "InternalServerError",
        Message = "Encountered internal server error.",
    });

    /// <summary>The create or update is accepted and ends with <c>provisioningState: Failed</c>.</summary>
    public Fault EndInFailed(RequestMatch match, string code = "ReconcileFailed", string message = "The emulated operation was told to fail.", int times = 1) =>
        Add(new Fault { Name = "ends in Failed", Match = match, Kind = FaultKind.FailOperation, Times = times, Code = code, Message = message });

    public Fault RefuseByPolicy(RequestMatch match, string policy = "Storage accounts should prevent shared key access", int times = int.MaxValue) => Add(new Fault
    {
        Name = "policy",
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = 403,
        Code = "RequestDisallowedByPolicy",
        Message = $"Resource was disallowed by policy. Policy identifiers: '[{{\"policyAssignment\":{{\"name\":\"{policy}\"}}}}]'.",
    });

    public Fault Refuse(RequestMatch match, int status, string code, string message, int times = 1) => Add(new Fault
    {
        Name = code,
        Match = match,
        Kind = FaultKind.Refuse,
        Times = times,
        Status = status,
        Code = code,
        Message = message,
    });

    internal Fault? Meeting(string method, string path) => _faults.FirstOrDefault(fault => fault.Meets(method, path));
}
