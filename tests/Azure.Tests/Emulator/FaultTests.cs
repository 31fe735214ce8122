using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure;
using Ambrosia.Emulators.Azure.Cli;
using Ambrosia.Emulators.Azure.Faults;
using NUnit.Framework;

namespace Ambrosia.Azure.Tests.Emulator;

/// <summary>What tests can make go wrong, and see.</summary>
[Parallelizable]
public sealed class FaultTests
{
    private const string Group = "/resourceGroups/rg1";
    private const string Cluster = Group + "/providers/Microsoft.ContainerService/managedClusters/aks1";
    private const string ClusterBody = """{"location":"westeurope","properties":{"agentPoolProfiles":[{"name":"p","vmSize":"Standard_D2s_v5","count":2}]}}""";

    private AzureEmulator _emulator = null!;
    private EmulatorClient _arm = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _emulator = await AzureEmulator.StartAsync();
        _arm = new EmulatorClient(_emulator);
        _emulator.State.AddGroup("rg1");
    }

    [TearDown]
    public async Task StopAsync()
    {
        _arm.Dispose();
        await _emulator.DisposeAsync();
    }

    [Test]
    public async Task A_fault_meets_as_many_requests_as_it_was_told()
    {
        var fault = _emulator.Faults.Throttle(RequestMatch.Get("/resourcegroups/rg1$"), TimeSpan.FromSeconds(2), times: 2);
        var first = await _arm.GetAsync(Group);
        Assert.That((first.Status, first.Code, first.Headers["Retry-After"]), Is.EqualTo((429, "TooManyRequests", "2")));
        Assert.That((await _arm.GetAsync("/resourceGroups")).Status, Is.EqualTo(200), "another path");
        Assert.That((await _arm.GetAsync(Group)).Status, Is.EqualTo(429));
        Assert.That((await _arm.GetAsync(Group)).Status, Is.EqualTo(200));
        Assert.That(fault.Hits, Is.EqualTo(2));
        Assert.That(_emulator.Requests.All.Count(request => request.Fault == "throttle"), Is.EqualTo(2));
    }

    [Test]
    public async Task Each_fault_answers_as_Azure_would()
    {
        var match = RequestMatch.Get(Group);
        foreach (var (inject, status, code) in new (Func<Fault>, int, string)[]
        {
            (() => _emulator.Faults.InProgress(match), 409, "OperationNotAllowed"),
            (() => _emulator.Faults.QuotaExceeded(match, times: 1), 400, "ErrCode_InsufficientVCPUQuota"),
            (() => _emulator.Faults.ExpireToken(match), 401, "ExpiredAuthenticationToken"),
            (() => _emulator.Faults.ServerError(match, status: 503), 503, "InternalServerError"),
            (() => _emulator.Faults.RefuseByPolicy(match, times: 1), 403, "RequestDisallowedByPolicy"),
            (() => _emulator.Faults.Refuse(match, 418, "Teapot", "no coffee"), 418, "Teapot"),
        })
        {
            inject();
            var answer = await _arm.GetAsync(Group);
            Assert.That((answer.Status, answer.Code), Is.EqualTo((status, code)));
        }
    }

    [Test]
    public async Task A_dropped_request_does_nothing_and_a_lost_reply_everything()
    {
        _emulator.Faults.Drop(RequestMatch.Put("/resourceGroups/dropped"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _arm.PutAsync("/resourceGroups/dropped", new JsonObject { ["location"] = "westeurope" }));
        Assert.That(_emulator.State.Group("dropped"), Is.Null);
        _emulator.Faults.LoseReply(RequestMatch.Put("/resourceGroups/lost"));
        await Assert.ThrowsAsync<HttpRequestException>(() => _arm.PutAsync("/resourceGroups/lost", new JsonObject { ["location"] = "westeurope" }));
        Assert.That(_emulator.State.Group("lost"), Is.Not.Null);
    }

    [Test]
    public async Task A_create_can_end_in_Failed_and_be_repaired()
    {
        _emulator.Faults.EndInFailed(RequestMatch.Put("managedClusters/aks1"));
        var created = await _arm.PutAsync(Cluster, JsonNode.Parse(ClusterBody)!);
        Assert.That((created.Status, created.ProvisioningState), Is.EqualTo((201, "Creating")));
        var operation = await _arm.GetAsync(created.Headers["Azure-AsyncOperation"]);
        Assert.That(((string?)operation.Body?["status"], operation.Code), Is.EqualTo(("Failed", "ReconcileFailed")));
        Assert.That((await _arm.GetAsync(Cluster)).ProvisioningState, Is.EqualTo("Failed"));
        await _arm.PutAsync(Cluster, JsonNode.Parse(ClusterBody)!);
        Assert.That((await _arm.GetAsync(Cluster)).ProvisioningState, Is.EqualTo("Succeeded"));
    }

    [Test]
    public async Task Expired_tokens_are_refused_and_new_ones_good()
    {
        _emulator.ExpireTokens();
        Assert.That((await _arm.GetAsync(Group)).Code, Is.EqualTo("ExpiredAuthenticationToken"));
        using var renewed = new EmulatorClient(_emulator);
        Assert.That((await renewed.GetAsync(Group)).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Mutations_are_numbered_and_told_before_and_after()
    {
        var told = new List<string>();
        _emulator.BeforeMutation(mutation => Tell("before", mutation, _emulator.State.Group("rg2") is not null));
        _emulator.OnMutation(mutation => Tell("after", mutation, _emulator.State.Group("rg2") is not null));
        await _arm.GetAsync(Group);
        await _arm.PutAsync("/resourceGroups/rg2", new JsonObject { ["location"] = "westeurope" });
        await _arm.PostAsync("/providers/Microsoft.Storage/checkNameAvailability", new JsonObject { ["name"] = "abc" });
        await _arm.DeleteAsync("/resourceGroups/rg2");
        Assert.That(told, Is.EqualTo(new[]
        {
            "before 1 PUT 0 False", "after 1 PUT 201 True", "before 2 DELETE 0 True", "after 2 DELETE 202 False",
        }));
        Assert.That(_emulator.MutationCount, Is.EqualTo(2));

        Task Tell(string when, Mutation mutation, bool exists)
        {
            told.Add($"{when} {mutation.Number} {mutation.Method} {mutation.Status} {exists}");
            return Task.CompletedTask;
        }
    }

    [Test]
    public async Task A_hook_can_keep_the_nth_mutation_from_happening()
    {
        _emulator.BeforeMutation(mutation => mutation.Number == 2 ? throw new OperationCanceledException() : Task.CompletedTask);
        await _arm.PutAsync("/resourceGroups/first", new JsonObject { ["location"] = "westeurope" });
        await Assert.ThrowsAsync<HttpRequestException>(() => _arm.PutAsync("/resourceGroups/second", new JsonObject { ["location"] = "westeurope" }));
        Assert.That((_emulator.State.Group("first") is null, _emulator.State.Group("second") is null), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task The_request_log_holds_no_secret()
    {
        _emulator.State.AddServicePrincipal("other");
        var secret = _emulator.State.Applications[0].Passwords.Values.Single();
        foreach (var (client, password) in new[] { (_emulator.Options.ClientId, _emulator.Secrets.ClientSecret), (_emulator.State.Applications[0].AppId, secret), ("x", "unknown-secret") })
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["client_id"] = client,
                ["client_secret"] = password,
                ["grant_type"] = "client_credentials",
            });
            using var reply = await _arm.Http.PostAsync(new Uri("/adfs/oauth2/token", UriKind.Relative), form);
        }
        var text = string.Join('\n', _emulator.Requests.All);
        var bodies = string.Join('\n', _emulator.Requests.All.Select(request => request.Body));
        Assert.That(bodies, Does.Contain("client_secret=***").And.Not.Contain("unknown-secret"));
        Assert.That(_emulator.Secrets.Values.Where(value => (text + bodies).Contains(value, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public async Task Lists_come_in_pages_that_link_on()
    {
        await using var paged = await AzureEmulator.StartAsync(new AzureEmulatorOptions { PageSize = 2 });
        using var arm = new EmulatorClient(paged);
        paged.State.AddGroup("rg1");
        for (var index = 0; index < 5; index++)
            paged.State.AddResource("rg1", "Microsoft.Compute/disks", $"disk{index}", new Dictionary<string, string> { ["a"] = "b" });
        var names = new List<string>();
        for (var next = Group + "/resources?$filter=tagName eq 'a' and tagValue eq 'b'"; next is not null;)
        {
            var page = await arm.GetAsync(next);
            names.AddRange(page.Body!["value"]!.AsArray().Select(item => (string)item!["name"]!));
            next = (string?)page.Body["nextLink"];
        }
        Assert.That(names, Is.EqualTo(new[] { "disk0", "disk1", "disk2", "disk3", "disk4" }));
        Assert.That(paged.Requests.Count, Is.EqualTo(3));
    }

    [Test]
    public async Task Paths_are_compared_without_case_and_with_slashes_collapsed()
    {
        _emulator.State.AddStorageAccount("rg1", "emuacct1");
        var answer = await _arm.GetAsync("/RESOURCEGROUPS/RG1/providers/microsoft.storage//storageaccounts/emuacct1?api-version=2099-01-01");
        Assert.That((string?)answer.Body?["name"], Is.EqualTo("emuacct1"));
    }
}
