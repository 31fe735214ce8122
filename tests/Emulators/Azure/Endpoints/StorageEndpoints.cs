using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Emulators.Azure.Http;
using Ambrosia.Emulators.Azure.State;
using FileShare = Ambrosia.Emulators.Azure.State.FileShare;

namespace Ambrosia.Emulators.Azure.Endpoints;

/// <summary>Storage accounts, their keys, and file shares through the management plane.</summary>
internal sealed partial class StorageEndpoints(AzureState state, Operations operations)
{
    private static readonly string[] Skus =
    [
        "Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS",
    ];

    // Redundancy can be changed within a line; across lines Azure refuses (MicrosoftDocs/azure-docs#47207).
    private static readonly string[][] Convertible = [["Standard_LRS", "Standard_GRS", "Standard_RAGRS"], ["Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"]];

    private readonly TrackedResources<StorageAccount> _accounts = new(state, StorageAccount.ResourceType, "account");

    public void Map(EndpointMap map)
    {
        var account = _accounts.Route;
        var shares = account + "/fileServices/default/shares";
        var share = shares + "/{share}";
        _accounts.MapReads(map);
        _accounts.MapCheckName(
            map, name => AccountName().IsMatch(name) ? null : ("AccountNameInvalid", InvalidName(name)),
            name => $"The storage account named {name} is already taken.");
        map.Map("PUT", account, Put);
        map.Map("PATCH", account, request => Change(request, _accounts.Require(request)));
        map.Map("DELETE", account, Delete);
        map.Map("POST", account + "/listKeys", request => Keys(_accounts.Require(request)));
        map.Map("POST", account + "/regenerateKey", RegenerateKey);
        map.Map("GET", shares, ListShares);
        map.Map("GET", share, request => FindShare(request) is { } found
            ? ApiReply.Ok(found.ToJson(_accounts.Require(request)))
            : ApiReply.Error(404, "ShareNotFound", "The specified share does not exist."));
        map.Map("PUT", share, PutShare);
        map.Map("PATCH", share, PatchShare);
        map.Map("DELETE", share, DeleteShare);
        map.Map("GET", account + "/fileServices/default", request => ApiReply.Ok(new JsonObject
        {
            ["id"] = $"{_accounts.Require(request).Id}/fileServices/default",
            ["name"] = "default",
            ["type"] = "Microsoft.Storage/storageAccounts/fileServices",
            ["properties"] = new JsonObject { ["shareDeleteRetentionPolicy"] = new JsonObject { ["enabled"] = false } },
        }));
    }

    private ApiReply Put(ApiRequest request)
    {
        var (group, name, existing) = _accounts.ForPut(
            request, AccountName(), wrong => new ApiException(400, "AccountNameInvalid", InvalidName(wrong)));
        if (existing is not null)
            return Change(request, existing);
        if (state.IsTaken<StorageAccount>(name))
            throw new ApiException(409, "StorageAccountAlreadyTaken", $"The storage account named {name} is already taken.");
        var sku = request.Body["sku"]?["name"].Text() ?? throw Invalid("sku");
        if (!Skus.Contains(sku))
            throw Invalid("sku");
        var properties = request.Body["properties"].Fields();
        ApplyPolicy(name, properties);
        var account = new StorageAccount(group, name, AzureState.Region(request.Body["location"].Text() ?? group.Location), state.Secrets)
        {
            Sku = sku,
            Kind = request.Body["kind"].Text() ?? "StorageV2",
            Tags = request.Body["tags"].Tags() ?? new Dictionary<string, string>(),
            Properties = properties,
        };
        state.Add(account);
        var operation = operations.Work(request, account, "Creating", state.Options.Durations.StorageCreate);
        return operations.Began(request, 202, operation, null, asynchronous: false);
    }

    private ApiReply Change(ApiRequest request, StorageAccount account)
    {
        RequireSettled(account);
        var body = request.Body;
        if (body["sku"]?["name"].Text() is { } sku && sku != account.Sku)
        {
            if (!Convertible.Any(line => line.Contains(sku) && line.Contains(account.Sku)))
                throw Invalid("sku");
        }
        if (body["kind"].Text() is { } kind && kind != account.Kind)
            throw Invalid("kind");
        var properties = account.Properties.With(body["properties"]);
        ApplyPolicy(account.Name, properties);
        account.Sku = body["sku"]?["name"].Text() ?? account.Sku;
        account.Tags = body["tags"].Tags() ?? account.Tags;
        account.Properties = properties;
        account.ProvisioningState = request.OperationFault is null ? "Succeeded" : "Failed";
        return ApiReply.Ok(account.ToJson(state.Now));
    }

    private ApiReply Delete(ApiRequest request)
    {
        if (_accounts.Find(request) is not { } account)
            return new ApiReply(204);
        RequireSettled(account);
        state.Remove(account);
        return new ApiReply(200);
    }

    private static ApiReply Keys(StorageAccount account) => ApiReply.Ok(new JsonObject
    {
        ["keys"] = new JsonArray([.. account.Keys.Select(key => new JsonObject { ["keyName"] = key.Key, ["value"] = key.Value, ["permissions"] = "FULL" })]),
    });

    private ApiReply RegenerateKey(ApiRequest request)
    {
        var account = _accounts.Require(request);
        var name = request.Body["keyName"].Text() ?? "";
        if (!account.Keys.ContainsKey(name))
            throw new ApiException(400, "InvalidKeyName", $"There is no key '{name}'.");
        account.RegenerateKey(name);
        return Keys(account);
    }

    private ApiReply ListShares(ApiRequest request)
    {
        var account = _accounts.Require(request);
        return Listing.Page(request, state.Options, account.Shares.Values.OrderBy(share => share.Name, StringComparer.Ordinal).Select(share => share.ToJson(account)));
    }

    private FileShare? FindShare(ApiRequest request) => _accounts.Require(request).Shares.GetValueOrDefault(request["share"]);

    private ApiReply PutShare(ApiRequest request)
    {
        var account = _accounts.RequireParent(request, "storageAccounts/fileServices/shares");
        if (account.ProvisioningState != "Succeeded")
        {
            throw new ApiException(409, "StorageAccountIsNotProvisioned",
                "The storage account provisioning state must be 'Succeeded' before executing the operation.");
        }
        var name = request["share"];
        if (!ShareName().IsMatch(name) || name.Contains("--", StringComparison.Ordinal))
            throw new ApiException(400, "InvalidResourceName", "The specified resource name contains invalid characters.");
        var exists = account.Shares.TryGetValue(name, out var share);
        share ??= new FileShare(name);
        SetQuota(request, share);
        account.Shares[name] = share;
        return new ApiReply(exists ? 200 : 201, share.ToJson(account));
    }

    private ApiReply PatchShare(ApiRequest request)
    {
        var share = FindShare(request) ?? throw new ApiException(404, "ShareNotFound", "The specified share does not exist.");
        SetQuota(request, share);
        return ApiReply.Ok(share.ToJson(_accounts.Require(request)));
    }

    private ApiReply DeleteShare(ApiRequest request)
    {
        var account = _accounts.Require(request);
        return new ApiReply(account.Shares.Remove(request["share"]) ? 200 : 204);
    }

    private static void SetQuota(ApiRequest request, FileShare share)
    {
        if (request.Body["properties"]?["shareQuota"].Number() is not { } quota)
            return;
        if (quota is < 1 or > 102400)
            throw new ApiException(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format.");
        share.Quota = quota;
    }

    private void ApplyPolicy(string account, JsonObject properties)
    {
        foreach (var policy in state.AllPolicies)
        {
            if (properties["allowSharedKeyAccess"].Flag() == false)
                continue;
            if (policy.Effect == "Modify")
            {
                properties["allowSharedKeyAccess"] = false;
            }
            else if (policy.Effect == "Deny")
            {
                throw new ApiException(403, "RequestDisallowedByPolicy",
                    $"Resource '{account}' was disallowed by policy. Policy identifiers: '[{{\"policyAssignment\":{{\"name\":\"{policy.DisplayName}\"}}}}]'.");
            }
        }
    }

    private static void RequireSettled(StorageAccount account)
    {
        if (!account.IsSettled)
        {
            throw new ApiException(409, "StorageAccountOperationInProgress",
                $"An operation is currently performing on storage account {account.Name} that requires exclusive access.");
        }
    }

    private static ApiException Invalid(string property) =>
        new(400, "InvalidValuesForRequestParameters", $"Values for request parameters are invalid: {property}.");

    private static string InvalidName(string name) =>
        $"{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.";

    [GeneratedRegex("^[a-z0-9]{3,24}$")]
    private static partial Regex AccountName();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
    private static partial Regex ShareName();
}
