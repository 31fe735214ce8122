using System.Text.Json;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Diagnosis;
using Ambrosia.Build.Platforms.Aks.Observation;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Diagnosis;

/// <summary>The decisions of Doctor's single checks.</summary>
public sealed class CheckTests
{
    private static readonly ObservedResource Resource = new("/id", "n", "t", "eastus", new Dictionary<string, string>(), "Succeeded");

    private static readonly ObservedCluster Cluster =
        new(Resource, "kubelet", [new ObservedNodePool("nodepool1", "Standard_D2s_v5", 2, "System", "Succeeded")], "Running", false, false, "a.azmk8s.io", "MC");

    private static readonly ObservedStorage Storage = new(Resource, "Standard_LRS", "StorageV2", "Hot", "TLS1_2", true, false, true, "f");

    private static readonly ObservedRegistry Registry = new(Resource, "Standard", false, "r");

    private static readonly AzureObservation Everything = AzureObservation.Nothing with { Group = Resource, Storage = Storage, Registry = Registry, Cluster = Cluster };

    // Resource providers

    [Test]
    public void Only_providers_of_what_is_still_to_be_made_matter()
    {
        Assert.That(ProviderCheck.Needed(AksSettings.Load, AzureObservation.Nothing), Is.EqualTo(new[]
        {
            "Microsoft.ContainerService", "Microsoft.Compute", "Microsoft.Network", "Microsoft.Storage", "Microsoft.ContainerRegistry",
        }));
        Assert.That(ProviderCheck.Needed(AksSettings.Load, Everything), Is.Empty);
        Assert.That(
            ProviderCheck.Needed(AksSettings.Load.WithDisk().WithPublicImage(), AzureObservation.Nothing with { Cluster = Cluster }), Is.Empty);
    }

    [TestCase("""{"registrationState":"Registered"}""", FindingSeverity.Good)]
    [TestCase("""{"registrationState":"Registering"}""", FindingSeverity.Warning)]
    [TestCase("""{"registrationState":"NotRegistered"}""", FindingSeverity.Error)]
    [TestCase("null", FindingSeverity.Error)]
    public void A_provider_must_be_registered(string answer, FindingSeverity severity)
    {
        var finding = ProviderCheck.Judge("Microsoft.Storage", Json(answer), "sub");
        Assert.That(finding.Severity, Is.EqualTo(severity));
        if (severity == FindingSeverity.Error)
            Assert.That(finding.Remedy, Is.EqualTo("az provider register --namespace Microsoft.Storage --wait --subscription sub"));
    }

    // Sizes and quota

    [TestCase(null, 0, 2)]
    [TestCase("Standard_D2s_v5", 2, 0)]
    [TestCase("standard_d2s_V5", 1, 1)]
    [TestCase("Standard_D2s_v5", 5, 0)]
    [TestCase("Standard_D4s_v5", 1, 0)]
    public void Only_new_nodes_count(string? size, int count, int expected) => Assert.That(
        QuotaCheck.NewNodes(
            AksSettings.Load.Azure!.Cluster,
            size is null ? null : Cluster with { NodePools = [new ObservedNodePool("nodepool1", size, count, "System", "Succeeded")] }),
        Is.EqualTo(expected));

    [Test]
    public void What_fits_is_good()
    {
        var findings = Nodes(Quota("standardDSv5Family", 0, 10), Quota("cores", 3, 10));
        Assert.That(findings.Select(finding => $"{finding.Severity} {finding}"), Is.EqualTo(new[]
        {
            "Good VM size Standard_D2s_v5 in eastus: available, 2 vCPUs",
            "Good vCPU quota of standardDSv5Family in eastus: 4 needed, 10 of 10 free",
            "Good vCPU quota of all families in eastus: 4 needed, 7 of 10 free",
        }));
    }

    [Test]
    public void A_quota_that_is_too_small_proposes_sizes_that_fit()
    {
        var findings = Nodes(Quota("standardDSv5Family", 8, 10), Quota("standardDASv5Family", 0, 10), Quota("standardDSv3Family", 0, 3), Quota("cores", 0, 100));
        var finding = findings.Single(finding => finding.Severity == FindingSeverity.Error);
        Assert.That(finding.ToString(), Is.EqualTo(
            "vCPU quota of standardDSv5Family in eastus: 4 needed for 2 new nodes of Standard_D2s_v5, 2 of 10 free\n"
            + "    fix: set azure.cluster.vmSize to one that fits: Standard_D2as_v5 (2 vCPUs), Standard_D4as_v5 (4 vCPUs), or azure.cluster.nodeCount to 1, "
            + "or raise the quota: https://learn.microsoft.com/azure/quotas/per-vm-quota-requests; usage: az vm list-usage --location eastus --output table "
            + "--subscription 22222222-2222-2222-2222-222222222222"));
    }

    [Test]
    public void The_regions_quota_bounds_every_family()
    {
        var finding = Nodes(Quota("standardDSv5Family", 0, 100), Quota("standardDASv5Family", 0, 100), Quota("cores", 9, 10))
            .Single(finding => finding.Severity == FindingSeverity.Error);
        Assert.That(finding.Subject, Is.EqualTo("vCPU quota of all families in eastus"));
        Assert.That(finding.Remedy, Does.StartWith("choose another azure.location, or raise the quota"));
    }

    [Test]
    public void A_proposal_obeys_what_the_nodes_must_be()
    {
        var sizes = QuotaCheck.Propose(
            "Standard_D2s_v5", "linux/amd64", 2, needsPremium: true, Sizes,
            new CpuQuota([Quota("standardDSv5Family", 0, 100), Quota("standardDASv5Family", 0, 100), Quota("standardBSFamily", 0, 100), Quota("standardDPSv5Family", 0, 100), Quota("standardDSv3Family", 0, 100), Quota("cores", 0, 100)]));
        Assert.That(sizes.Select(size => size.Name), Is.EqualTo(new[] { "Standard_D2as_v5", "Standard_B2ms", "Standard_D4as_v5" }));
    }

    [TestCase("Standard_X9", "linux/amd64", "is not offered there")]
    [TestCase("Standard_D2s_v3", "linux/amd64", "is not available to this subscription there")]
    [TestCase("Standard_B1s", "linux/amd64", "is too small")]
    [TestCase("Standard_D2ps_v5", "linux/amd64", "has Arm64 processors, and images.platform is linux/amd64")]
    [TestCase("Standard_D2s_v5", "linux/arm64", "has x64 processors, and images.platform is linux/arm64")]
    public void A_size_that_cannot_be_had_or_used_is_an_error(string size, string platform, string expected)
    {
        var azure = AksSettings.Load.Azure! with { Cluster = AksSettings.Load.Azure.Cluster with { VmSize = size } };
        var finding = QuotaCheck.Judge(azure, platform, 1, Sizes, new CpuQuota([Quota("cores", 0, 100), Quota("standardDPSv5Family", 0, 100), Quota("standardDASv5Family", 0, 100)])).Single();
        Assert.That((finding.Severity, finding.Remedy is not null), Is.EqualTo((FindingSeverity.Error, true)));
        Assert.That(finding.Text, Does.StartWith(expected));
        Assert.That(finding.Remedy, Does.Contain(platform == "linux/arm64" ? "Standard_D2ps_v5" : "Standard_D2as_v5"));
    }

    [Test]
    public void Premium_disks_need_a_size_that_can_have_them()
    {
        var azure = AksSettings.Load.WithDisk().Azure! with { Cluster = AksSettings.Load.Azure!.Cluster with { VmSize = "Standard_D2_v5" } };
        Assert.That(QuotaCheck.Judge(azure, "linux/amd64", 1, Sizes, new CpuQuota([])).Single().Text, Does.StartWith("cannot have premium disks"));
    }

    [Test]
    public void A_region_without_machines_is_a_typo() => Assert.That(
        QuotaCheck.Judge(AksSettings.Load.Azure!, "linux/amd64", 1, [], new CpuQuota([])).Single().Remedy, Does.StartWith("check azure.location against: az account list-locations"));

    // Names

    [Test]
    public void A_name_that_somebody_has_is_an_error_with_the_key_to_change()
    {
        var finding = NameCheck.Judge("storage account", "x", "azure.storage.account", Json("""{"nameAvailable":false,"reason":"AlreadyExists","message":"The storage account named x is already taken."}"""));
        Assert.That(finding.ToString(), Is.EqualTo(
            "name of storage account x: The storage account named x is already taken\n"
            + "    fix: set azure.storage.account to another name; where it is your own in another resource group, set azure.resourceGroup to that"));
        Assert.That(NameCheck.Judge("registry", "x", "k", Json("""{"nameAvailable":true}""")).Severity, Is.EqualTo(FindingSeverity.Good));
        Assert.That(NameCheck.Judge("registry", "x", "k", null).Severity, Is.EqualTo(FindingSeverity.Warning));
    }

    // Rights

    [TestCase("*", "a/b/c", true)]
    [TestCase("*/read", "Microsoft.X/y/read", true)]
    [TestCase("*/read", "Microsoft.X/y/write", false)]
    [TestCase("Microsoft.Authorization/*/Write", "Microsoft.Authorization/roleAssignments/write", true)]
    [TestCase("Microsoft.Authorization/roleAssignments/write", "microsoft.authorization/roleassignments/write", true)]
    [TestCase("Microsoft.Authorization/*", "Microsoft.Storage/x", false)]
    [TestCase("a/*/b/*/c", "a/1/b/2/c", true)]
    [TestCase("ab*bc", "abc", false)]
    public void Actions_match_with_wildcards(string pattern, string action, bool expected) =>
        Assert.That(Permissions.Matches(pattern, action), Is.EqualTo(expected));

    [Test]
    public void A_contributor_may_not_assign_roles_and_is_told_which_way_works()
    {
        var findings = PermissionCheck.Judge(AksSettings.Load, AzureObservation.Nothing, Contributor);
        Assert.That(findings.Select(finding => $"{finding.Severity} {finding}"), Is.EqualTo(new[]
        {
            "Good rights in subscription 22222222-2222-2222-2222-222222222222: enough for what is to be made",
            "Error right to assign roles: not given in subscription 22222222-2222-2222-2222-222222222222, and registry.auth managedIdentity needs one: AcrPull for the cluster's kubelet identity\n"
            + "    fix: set azure.registry.auth to token, which needs no role assignment; or ask an owner for the role 'Role Based Access Control Administrator' on the subscription 22222222-2222-2222-2222-222222222222",
        }));
    }

    [TestCase("token", null)]
    [TestCase("managedIdentity", FindingSeverity.Error)]
    [TestCase("servicePrincipal", FindingSeverity.Warning)]
    public void The_modes_differ_in_what_they_need(string auth, FindingSeverity? severity)
    {
        var settings = AksSettings.Load with { Azure = AksSettings.Load.Azure! with { Registry = AksSettings.Load.Azure.Registry with { Auth = auth } } };
        var finding = PermissionCheck.Judge(settings, AzureObservation.Nothing, Contributor).SingleOrDefault(finding => finding.Subject == "right to assign roles");
        Assert.That(finding?.Severity, Is.EqualTo(severity));
    }

    [Test]
    public void Who_adds_up_two_roles_may_what_either_allows() => Assert.That(
        PermissionCheck.Judge(AksSettings.Load, AzureObservation.Nothing, new Permissions(
        [
            Json("""{"actions":["*"],"notActions":["Microsoft.Authorization/*/Write"]}""")!.Value,
            Json("""{"actions":["Microsoft.Authorization/roleAssignments/write"],"notActions":[]}""")!.Value,
        ])).Select(finding => finding.Severity),
        Has.All.EqualTo(FindingSeverity.Good));

    [Test]
    public void A_reader_is_told_what_is_missing() => Assert.That(
        PermissionCheck.Judge(AksSettings.Load, AzureObservation.Nothing, new Permissions([Json("""{"actions":["*/read"]}""")!.Value]))[0].Text,
        Is.EqualTo("the login lacks Microsoft.Resources/subscriptions/resourceGroups/write, Microsoft.Storage/storageAccounts/write, "
            + "Microsoft.Storage/storageAccounts/listKeys/action, Microsoft.ContainerRegistry/registries/write, Microsoft.ContainerService/managedClusters/write"));

    [Test]
    public void Nothing_is_assigned_where_the_cluster_can_pull_already()
    {
        var observation = Everything with { RoleAssignments = [new ObservedRoleAssignment("i", "KUBELET", PermissionCheck.AcrPull, "s")] };
        Assert.That(PermissionCheck.NeedsAssignment(AksSettings.Load, observation), Is.False);
        Assert.That(PermissionCheck.NeedsAssignment(AksSettings.Load, Everything), Is.True);
        Assert.That(PermissionCheck.NeedsAssignment(AksSettings.Load.WithPublicImage(), Everything), Is.False);
    }

    // Shared keys

    [TestCase("""{"properties":{"policyDefinitionId":"/p","enforcementMode":"Default","notScopes":[]}}""", "/p")]
    [TestCase("""{"properties":{"policyDefinitionId":"/p","enforcementMode":"DoNotEnforce"}}""", null)]
    [TestCase("""{"properties":{"policyDefinitionId":"/p","notScopes":["/subscriptions/s/resourceGroups/G"]}}""", null)]
    [TestCase("""{"properties":{"policyDefinitionId":"/p","notScopes":["/subscriptions/s/resourceGroups/gr"]}}""", "/p")]
    [TestCase("""{"properties":{"policyDefinitionId":"/p","notScopes":["/subscriptions/s"]}}""", null)]
    public void An_assignment_counts_where_it_is_enforced(string assignment, string? expected) =>
        Assert.That(SharedKeyPolicy.AssignedDefinition(Json(assignment)!.Value, "/subscriptions/s/resourceGroups/g"), Is.EqualTo(expected));

    [TestCase("""{"effect":{"value":"Deny"}}""", "Deny")]
    [TestCase("null", "Audit")]
    public void The_effect_is_the_given_one_or_the_default(string given, string expected)
    {
        var policy = Json(
            """
            {"properties":{"parameters":{"effect":{"defaultValue":"Audit"}},"policyRule":{
             "if":{"field":"Microsoft.Storage/storageAccounts/allowSharedKeyAccess","notEquals":"false"},"then":{"effect":"[parameters('effect')]"}}}}
            """)!.Value;
        Assert.That(SharedKeyPolicy.Effect(policy, Json(given)), Is.EqualTo(expected));
        Assert.That(SharedKeyPolicy.BuiltInEffect("/providers/Microsoft.Authorization/policyDefinitions/" + SharedKeyPolicy.BuiltIn, Json(given)), Is.EqualTo(expected));
        Assert.That(SharedKeyPolicy.BuiltInEffect("/providers/Microsoft.Authorization/policyDefinitions/other", Json(given)), Is.Null);
    }

    [Test]
    public void A_policy_about_something_else_has_no_effect_on_keys() => Assert.That(
        SharedKeyPolicy.Effect(Json("""{"properties":{"policyRule":{"if":{"field":"location"},"then":{"effect":"deny"}}}}""")!.Value, null), Is.Null);

    [Test]
    public void A_set_hands_its_own_parameters_down()
    {
        var set = Json(
            $$$$"""
            {"properties":{"parameters":{"keys":{"defaultValue":"Deny"}},"policyDefinitions":[
              {"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/{{{{SharedKeyPolicy.BuiltIn}}}}","parameters":{"effect":{"value":"[parameters('keys')]"}}},
              {"policyDefinitionId":"/providers/Microsoft.Authorization/policyDefinitions/other"},
              {"policyDefinitionId":"/subscriptions/s/providers/Microsoft.Authorization/policyDefinitions/own"}]}}
            """)!.Value;
        var policy = Json("""{"properties":{"policyRule":{"if":{"field":"allowSharedKeyAccess"},"then":{"effect":"[parameters('effect')]"}}}}""")!.Value;
        var candidates = SharedKeyPolicy.Candidates(set);
        Assert.That(candidates, Has.Count.EqualTo(2));
        Assert.That(SharedKeyPolicy.EffectInSet(policy, candidates[0], set, null), Is.EqualTo("Deny"));
        Assert.That(SharedKeyPolicy.EffectInSet(policy, candidates[0], set, Json("""{"keys":{"value":"Audit"}}""")), Is.EqualTo("Audit"));
    }

    [TestCase("deny", true)]
    [TestCase("Modify", true)]
    [TestCase("Audit", false)]
    [TestCase(null, false)]
    public void Some_effects_forbid(string? effect, bool expected) => Assert.That(SharedKeyPolicy.Forbids(effect), Is.EqualTo(expected));

    [Test]
    public void A_policy_that_forbids_keys_leads_to_disks()
    {
        Assert.That(SharedKeyPolicy.Judge([("No keys", "Deny")], null, AksSettings.Load.Azure!).ToString(), Is.EqualTo(
            "shared keys of storage account hellostorage: forbidden by policy: No keys (Deny); a share is mounted with such a key\n"
            + "    fix: set azure.storage.kind to disk: a managed disk per instance needs no key; or ask for an exemption of the resource group: az policy exemption create"));
        Assert.That(SharedKeyPolicy.Judge([], Storage with { AllowsSharedKey = false }, AksSettings.Load.Azure!).Remedy, Does.Contain("set azure.storage.kind to disk")
            .And.Contain("--resource-group hello-group --subscription 22222222-2222-2222-2222-222222222222"));
        Assert.That(SharedKeyPolicy.Judge([], Storage, AksSettings.Load.Azure!).Severity, Is.EqualTo(FindingSeverity.Good));
    }

    // Cluster

    [Test]
    public void A_cluster_that_kubectl_cannot_enter_is_an_error_with_a_cure()
    {
        var findings = ClusterCheck.Judge(
            AksSettings.Load.Azure!, new RunScope(["Verify"]), Cluster with { PowerState = "Stopped", NeedsKubelogin = true, IsPrivate = true }, hasKubelogin: false, isReachable: false);
        Assert.That(findings.Select(finding => finding.Severity), Is.EqualTo(new[] { FindingSeverity.Error, FindingSeverity.Error, FindingSeverity.Error }));
        Assert.That(findings.Select(finding => finding.Remedy), Has.All.Not.Null);
        Assert.That(ClusterCheck.Judge(AksSettings.Load.Azure!, new RunScope(["Deploy"]), Cluster, hasKubelogin: false, isReachable: null), Is.Empty);
    }

    [TestCase(FindingSeverity.Warning, "ProvisionAks")]
    [TestCase(FindingSeverity.Warning, "ProvisionAks", "Deploy")]
    [TestCase(FindingSeverity.Warning, "ProvisionStorage")]
    [TestCase(FindingSeverity.Error, "Deploy")]
    public void A_stopped_cluster_is_no_error_where_the_run_starts_it_or_does_not_enter_it(FindingSeverity expected, params string[] tasks) => Assert.That(
        ClusterCheck.Judge(AksSettings.Load.Azure!, new RunScope(tasks), Cluster with { PowerState = "Stopped" }, true, null).Single().Severity,
        Is.EqualTo(expected));

    [TestCase("ProvisionAks", FindingSeverity.Warning)]
    [TestCase("Deploy", FindingSeverity.Error)]
    public void A_missing_kubelogin_is_an_error_where_the_cluster_is_entered(string task, FindingSeverity expected) => Assert.That(
        ClusterCheck.Judge(AksSettings.Load.Azure!, new RunScope([task]), Cluster with { NeedsKubelogin = true }, false, null).Single().Severity,
        Is.EqualTo(expected));

    [TestCase("ProvisionAks", FindingSeverity.Warning)]
    [TestCase("Doctor", FindingSeverity.Warning)]
    [TestCase("Deploy", FindingSeverity.Error)]
    [TestCase("Verify", FindingSeverity.Error)]
    [TestCase("Immortality", FindingSeverity.Error)]
    [TestCase("Status", FindingSeverity.Error)]
    [TestCase("Logs", FindingSeverity.Error)]
    public void A_private_cluster_out_of_reach_is_an_error_where_it_is_entered(string task, FindingSeverity expected) => Assert.That(
        ClusterCheck.Judge(AksSettings.Load.Azure!, new RunScope([task]), Cluster with { IsPrivate = true }, true, false).Single().Severity,
        Is.EqualTo(expected));

    private static readonly VmSizeInfo[] Sizes =
    [
        new("Standard_B1s", "standardBSFamily", 1, 1, "x64", true, null),
        new("Standard_B2ms", "standardBSFamily", 2, 8, "x64", true, null),
        new("Standard_D2s_v3", "standardDSv3Family", 2, 8, "x64", true, "NotAvailableForSubscription"),
        new("Standard_D2s_v5", "standardDSv5Family", 2, 8, "x64", true, null),
        new("Standard_D2_v5", "standardDv5Family", 2, 8, "x64", false, null),
        new("Standard_D2as_v5", "standardDASv5Family", 2, 8, "x64", true, null),
        new("Standard_D4as_v5", "standardDASv5Family", 4, 16, "x64", true, null),
        new("Standard_D2ps_v5", "standardDPSv5Family", 2, 8, "Arm64", true, null),
    ];

    private static Permissions Contributor => new(
        [Json("""{"actions":["*"],"notActions":["Microsoft.Authorization/*/Delete","Microsoft.Authorization/*/Write","Microsoft.Authorization/elevateAccess/Action"]}""")!.Value]);

    private static IReadOnlyList<Finding> Nodes(params JsonElement[] usages) =>
        QuotaCheck.Judge(AksSettings.Load.Azure!, "linux/amd64", 2, Sizes, new CpuQuota(usages));

    private static JsonElement Quota(string name, int used, int limit) =>
        JsonSerializer.SerializeToElement(new { name = new { value = name }, currentValue = used, limit });

    private static JsonElement? Json(string text)
    {
        var element = JsonSerializer.Deserialize<JsonElement>(text);
        return element.ValueKind == JsonValueKind.Null ? null : element;
    }
}
