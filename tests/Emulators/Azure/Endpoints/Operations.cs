using System.Globalization;
using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Long-running operations: begun by other endpoints, watched here.</summary>
internal sealed class Operations(AzureState state)
{
    private const string Provider = EndpointMap.Subscription + "/providers/Microsoft.Emulator";

    public void Map(EndpointMap map)
    {
        map.Map("GET", Provider + "/operations/{operation}", Status);
        map.Map("GET", Provider + "/operationResults/{operation}", Result);
    }

    /// <summary>A reply that begins an operation.</summary>
    /// <param name="asynchronous">With <c>Azure-AsyncOperation</c>, as registries and clusters have it; storage and groups know <c>Location</c> alone.</param>
    public ApiReply Began(ApiRequest request, int status, LongRunningOperation operation, JsonObject? body, bool asynchronous)
    {
        var root = $"{request.BaseUri}/subscriptions/{state.Options.SubscriptionId}/providers/Microsoft.Emulator";
        var headers = Waiting(operation);
        if (asynchronous)
            headers["Azure-AsyncOperation"] = $"{root}/operations/{operation.Id}?api-version=2020-01-01";
        if (!asynchronous || status == 202)
            headers["Location"] = $"{root}/operationResults/{operation.Id}?api-version=2020-01-01";
        return new ApiReply(status, body) { Headers = headers };
    }

    /// <summary>Puts a resource to work: its provisioning state is <paramref name="during"/> until the operation ends.</summary>
    public LongRunningOperation Work(ApiRequest request, ArmResource resource, string during, TimeSpan duration, Action? complete = null)
    {
        resource.ProvisioningState = during;
        var fault = request.OperationFault;
        return state.Begin(
            duration,
            () =>
            {
                resource.ProvisioningState = fault is null ? "Succeeded" : "Failed";
                if (fault is null)
                    complete?.Invoke();
            },
            during == "Deleting" ? () => null : () => resource.ToJson(state.Now),
            fault is null ? null : new ApiException(409, fault.Code, fault.Message),
            resource);
    }

    private ApiReply Status(ApiRequest request)
    {
        var operation = Find(request);
        var body = new JsonObject { ["id"] = request.Path, ["name"] = operation.Id, ["status"] = operation.Status };
        if (operation.Status == "Failed")
            body["error"] = new JsonObject { ["code"] = operation.Error!.Code, ["message"] = operation.Error.Message };
        return ApiReply.Ok(body) with { Headers = Waiting(operation) };
    }

    private ApiReply Result(ApiRequest request)
    {
        var operation = Find(request);
        if (!operation.IsDone)
        {
            var headers = Waiting(operation);
            headers["Location"] = $"{request.BaseUri}{request.Path}?api-version=2020-01-01";
            return new ApiReply(202) { Headers = headers };
        }
        if (operation.Error is { } error)
            throw error;
        return operation.Result is { } result ? ApiReply.Ok(result) : new ApiReply(204);
    }

    private LongRunningOperation Find(ApiRequest request) =>
        state.Operation(request["operation"]) ?? throw new ApiException(404, "OperationNotFound", "There is no such operation.");

    private Dictionary<string, string> Waiting(LongRunningOperation operation)
    {
        if (operation.IsDone)
            return [];

        // A missing or zero Retry-After makes Azure's SDKs wait 30 s, and Retry-After wins over the milliseconds.
        var wait = state.Options.PollInterval;
        return wait < TimeSpan.FromSeconds(1)
            ? new() { ["x-ms-retry-after-ms"] = wait.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) }
            : new() { ["Retry-After"] = Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture) };
    }
}
