using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Aks.Pricing;
using Ambrosia.Build.Settings;
using NUnit.Framework;
using static Ambrosia.Build.Tests.Platforms.Aks.Deployed;

namespace Ambrosia.Build.Tests.Platforms.Aks;

public sealed class AzurePlannerTests
{
    [Test]
    public void Where_there_is_nothing_everything_is_created() => Assert.That(
        AzurePlanner.Plan(Default, AzureObservation.Nothing).Actions.Select(action => (action.Part, action.Row.Kind)),
        Is.EqualTo(Enum.GetValues<AzurePart>().Select(part => (part, ChangeKind.Create))));

    [Test]
    public void Where_all_is_as_configured_nothing_changes()
    {
        var plan = AzurePlanner.Plan(Default, Observed());

        Assert.That(plan.Actions.Select(action => action.Row.Kind), Has.All.EqualTo(ChangeKind.Unchanged));
        Assert.That(plan.Actions.Any(action => action.IsWork), Is.False);
        Assert.That(plan.Actions.SelectMany(action => action.Commands), Is.Empty);
    }

    private static IEnumerable<TestCaseData> Updates()
    {
        yield return Update("redundancy", WithStorage(s => s with { Sku = "Standard_GRS" }), AzurePart.StorageAccount, "azure.storage.sku: Standard_LRS -> Standard_GRS", "storage account update --sku Standard_GRS");
        yield return Update("redundancy readable", WithStorage(s => s with { Sku = "Standard_RAGRS" }), AzurePart.StorageAccount, "azure.storage.sku: Standard_LRS -> Standard_RAGRS", "storage account update --sku Standard_RAGRS");
        yield return Update("access tier", WithStorage(s => s with { AccessTier = "Cool" }), AzurePart.StorageAccount, "azure.storage.accessTier: Hot -> Cool", "storage account update --set accessTier=Cool");
        yield return Update("quota up", WithStorage(s => s with { QuotaGiB = 100 }), AzurePart.Share, "azure.storage.quotaGiB: 80 -> 100", "storage share-rm update --quota 100");
        yield return Update("quota down", WithStorage(s => s with { QuotaGiB = 40 }), AzurePart.Share, "azure.storage.quotaGiB: 80 -> 40", "storage share-rm update --quota 40");
        yield return Update("registry sku", WithRegistry(r => r with { Sku = "Premium" }), AzurePart.Registry, "azure.registry.sku: Standard -> Premium", "acr update --sku Premium");
        yield return Update("node count", WithCluster(c => c with { NodeCount = 3 }), AzurePart.Cluster, "azure.cluster.nodeCount: 2 -> 3", "aks scale --nodepool-name nodepool1 --node-count 3 --no-wait");
        yield return Update(
            "tags", With(a => a with { Tags = new Dictionary<string, string> { ["cost-centre"] = "43" } }), AzurePart.Registry,
            "tags: ambrosia-deployment=perftest, cost-centre=42 -> ambrosia-deployment=perftest, cost-centre=43",
            "tag update --operation Merge --tags ambrosia-deployment=perftest cost-centre=43");

        static TestCaseData Update(string name, BuildSettings settings, AzurePart part, string change, string command) =>
            new TestCaseData(settings, part, change, command).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Updates))]
    public void What_Azure_changes_in_place_is_updated(BuildSettings settings, AzurePart part, string change, string command)
    {
        var action = AzurePlanner.Plan(settings, Observed()).Of(part)!;

        Assert.That(action.Row.Kind, Is.EqualTo(ChangeKind.Update));
        Assert.That(Changes(action), Is.EqualTo([change]));
        Assert.That(action.Commands.Select(each => Short(each.Arguments)), Is.EqualTo([command]));
    }

    private static IEnumerable<TestCaseData> Hardenings()
    {
        yield return Hardening("TLS", o => o with { Storage = o.Storage! with { MinimumTlsVersion = "TLS1_0" } }, AzurePart.StorageAccount, "minimumTlsVersion: TLS1_0 -> TLS1_2", "--min-tls-version TLS1_2");
        yield return Hardening("TLS untold", o => o with { Storage = o.Storage! with { MinimumTlsVersion = null } }, AzurePart.StorageAccount, "minimumTlsVersion:  -> TLS1_2", "--min-tls-version TLS1_2");
        yield return Hardening("HTTPS", o => o with { Storage = o.Storage! with { HttpsOnly = false } }, AzurePart.StorageAccount, "httpsOnly: false -> true", "--https-only true");
        yield return Hardening("public blobs", o => o with { Storage = o.Storage! with { AllowsPublicBlobs = true } }, AzurePart.StorageAccount, "allowBlobPublicAccess: true -> false", "--allow-blob-public-access false");
        yield return Hardening("admin user", o => o with { Registry = o.Registry! with { AdminUserEnabled = true } }, AzurePart.Registry, "adminUserEnabled: true -> false", "--admin-enabled false");
        yield return Hardening("stopped cluster", o => o with { Cluster = o.Cluster! with { PowerState = "Stopped" } }, AzurePart.Cluster, "power: Stopped -> Running", "aks start");

        static TestCaseData Hardening(string name, Func<AzureObservation, AzureObservation> observed, AzurePart part, string change, string options) =>
            new TestCaseData(observed(Observed()), part, change, options).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Hardenings))]
    public void What_was_changed_by_hand_is_set_right(AzureObservation observed, AzurePart part, string change, string options)
    {
        var action = AzurePlanner.Plan(Default, observed).Of(part)!;

        Assert.That(Changes(action), Is.EqualTo([change]));
        Assert.That(Short(action.Commands.Single().Arguments), Does.Contain(options));
    }

    private static IEnumerable<TestCaseData> Conflicts()
    {
        yield return Conflict("location of the group", With(a => a with { Location = "westus" }), AzurePart.Group, "azure.location: eastus -> westus", "azure.resourceGroup");
        yield return Conflict("location of the account", With(a => a with { Location = "westus" }), AzurePart.StorageAccount, "azure.location: eastus -> westus", "azure.storage.account");
        yield return Conflict("location of the registry", With(a => a with { Location = "westus" }), AzurePart.Registry, "azure.location: eastus -> westus", "azure.registry.name");
        yield return Conflict("location of the cluster", With(a => a with { Location = "westus" }), AzurePart.Cluster, "azure.location: eastus -> westus", "azure.cluster.name");
        yield return Conflict("VM size", WithCluster(c => c with { VmSize = "Standard_D4s_v5" }), AzurePart.Cluster, "azure.cluster.vmSize: Standard_D2s_v5 -> Standard_D4s_v5", "azure.cluster.name");
        yield return Conflict("LRS to ZRS", WithStorage(s => s with { Sku = "Standard_ZRS" }), AzurePart.StorageAccount, "azure.storage.sku: Standard_LRS -> Standard_ZRS", "azure.storage.account");
        yield return Conflict("LRS to GZRS", WithStorage(s => s with { Sku = "Standard_GZRS" }), AzurePart.StorageAccount, "azure.storage.sku: Standard_LRS -> Standard_GZRS", "azure.storage.account");

        static TestCaseData Conflict(string name, BuildSettings settings, AzurePart part, string change, string remedy) =>
            new TestCaseData(settings, part, change, remedy).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Conflicts))]
    public void What_Azure_cannot_change_is_a_conflict_with_a_remedy(BuildSettings settings, AzurePart part, string change, string remedy)
    {
        var action = AzurePlanner.Plan(settings, Observed()).Of(part)!;

        Assert.That(action.Row.Kind, Is.EqualTo(ChangeKind.Conflict));
        Assert.That(Changes(action), Does.Contain(change));
        Assert.That(action.Row.Remedy, Does.Contain(remedy));
        Assert.That(action.Commands, Is.Empty);
    }

    [Test]
    public void Standard_does_not_become_premium()
    {
        var action = AzurePlanner.Plan(WithStorage(s => s with { Sku = "Premium_LRS", QuotaGiB = 100 }), Observed()).Of(AzurePart.StorageAccount)!;

        Assert.That(action.Row.Kind, Is.EqualTo(ChangeKind.Conflict));
        Assert.That(action.Row.Reason, Does.Contain("standard or premium for good"));
    }

    [Test]
    public void A_premium_share_is_made_in_an_account_of_its_kind_and_has_100_GiB_at_least()
    {
        var settings = WithStorage(s => s with { Sku = "Premium_LRS" });
        var plan = AzurePlanner.Plan(settings, AzureObservation.Nothing);

        Assert.That(Short(plan.Of(AzurePart.StorageAccount)!.Commands.Single().Arguments), Does.Contain("--kind FileStorage").And.Not.Contain("access-tier"));
        Assert.That(plan.Of(AzurePart.Share)!.Row, Has.Property("Kind").EqualTo(ChangeKind.Conflict).And.Property("Remedy").Contains("quotaGiB to 100"));
    }

    [TestCase("Standard_ZRS", "Standard_GZRS")]
    [TestCase("Standard_RAGRS", "Standard_LRS")]
    public void Redundancies_of_one_family_change_in_place(string old, string wanted)
    {
        var observed = Observed(WithStorage(s => s with { Sku = old }));

        Assert.That(AzurePlanner.Plan(WithStorage(s => s with { Sku = wanted }), observed).Of(AzurePart.StorageAccount)!.Row.Kind, Is.EqualTo(ChangeKind.Update));
    }

    [Test]
    public void Shared_keys_that_somebody_forbade_are_a_conflict_and_not_allowed_again()
    {
        var observed = Observed();
        var action = AzurePlanner.Plan(Default, observed with { Storage = observed.Storage! with { AllowsSharedKey = false } }).Of(AzurePart.StorageAccount)!;

        Assert.That(action.Row, Has.Property("Kind").EqualTo(ChangeKind.Conflict).And.Property("Remedy").Contains("azure.storage.kind to disk"));
    }

    [Test]
    public void A_resource_of_somebody_else_is_a_conflict_that_names_the_command_to_adopt_it()
    {
        var observed = Observed();
        var row = AzurePlanner.Plan(Default, observed with { Storage = observed.Storage! with { Resource = observed.Storage.Resource.Foreign() } })
            .Of(AzurePart.StorageAccount)!.Row;

        Assert.That(row.Kind, Is.EqualTo(ChangeKind.Conflict));
        Assert.That(row.Reason, Is.EqualTo("made by somebody else (no tag ambrosia-deployment)"));
        Assert.That(row.Remedy, Is.EqualTo(
            "choose another name in azure.storage.account, or make it this deployment's: az tag update --resource-id "
            + "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/hello-group/providers/Microsoft.Storage/storageAccounts/hellostorage "
            + "--operation Merge --tags ambrosia-deployment=perftest --subscription 22222222-2222-2222-2222-222222222222"));
    }

    [Test]
    public void A_resource_of_another_deployment_is_not_to_be_adopted()
    {
        var observed = Observed();
        var theirs = observed.Cluster!.Resource with { Tags = new Dictionary<string, string> { ["ambrosia-deployment"] = "other" } };
        var row = AzurePlanner.Plan(Default, observed with { Cluster = observed.Cluster with { Resource = theirs } }).Of(AzurePart.Cluster)!.Row;

        Assert.That(row.Reason, Does.Contain("belongs to the deployment other"));
        Assert.That(row.Remedy, Is.EqualTo("choose another name in azure.cluster.name"));
    }

    [Test]
    public void A_group_of_somebody_else_is_used_as_it_is()
    {
        var theirs = Observed().Group!.Foreign() with { Location = "westeurope" };
        var plan = AzurePlanner.Plan(Default, AzureObservation.Nothing with { Group = theirs });

        Assert.That(plan.Of(AzurePart.Group)!.Row, Has.Property("Kind").EqualTo(ChangeKind.Unchanged).And.Property("Reason").StartsWith("made by somebody else"));
        Assert.That(plan.Of(AzurePart.StorageAccount)!.Row.Kind, Is.EqualTo(ChangeKind.Create));
    }

    [Test]
    public void Tags_of_others_are_left_alone()
    {
        var observed = Observed();
        var tags = new Dictionary<string, string>(observed.Registry!.Resource.Tags) { ["theirs"] = "x" };

        Assert.That(
            AzurePlanner.Plan(Default, observed with { Registry = observed.Registry with { Resource = observed.Registry.Resource with { Tags = tags } } })
                .Of(AzurePart.Registry)!.Row.Kind,
            Is.EqualTo(ChangeKind.Unchanged));
    }

    [TestCase("Creating")]
    [TestCase("Updating")]
    public void What_an_interrupted_run_left_in_the_making_is_awaited(string state)
    {
        var observed = Observed();
        var cluster = observed.Cluster! with { Resource = observed.Cluster.Resource with { ProvisioningState = state }, NodePools = [], KubeletObjectId = null };
        var action = AzurePlanner.Plan(Default, observed with { Cluster = cluster }).Of(AzurePart.Cluster)!;

        Assert.That(action.Wait, Is.EqualTo(AzureWait.Settled));
        Assert.That(action.IsWork, Is.True);
        Assert.That(action.Row.Kind, Is.EqualTo(ChangeKind.Unchanged));
        Assert.That(action.Row.Reason, Does.Contain("since an earlier run; awaited"));
    }

    [Test]
    public void What_is_being_deleted_is_awaited_and_made_again()
    {
        var observed = Observed();
        var registry = observed.Registry! with { Resource = observed.Registry.Resource with { ProvisioningState = "Deleting" } };
        var action = AzurePlanner.Plan(Default, observed with { Registry = registry }).Of(AzurePart.Registry)!;

        Assert.That((action.Wait, action.Row.Kind), Is.EqualTo((AzureWait.Gone, ChangeKind.Create)));
        Assert.That(Short(action.Commands.Single().Arguments), Does.StartWith("acr create"));
    }

    [Test]
    public void What_lies_in_a_group_that_is_being_deleted_is_created_after_it()
    {
        var observed = Observed();
        var plan = AzurePlanner.Plan(Default, observed with { Group = observed.Group! with { ProvisioningState = "Deleting" } });

        Assert.That(plan.Of(AzurePart.Group)!.Wait, Is.EqualTo(AzureWait.Gone));
        Assert.That(plan.Actions.Select(action => action.Row.Kind), Has.All.EqualTo(ChangeKind.Create));
    }

    [Test]
    public void A_cluster_that_is_being_deleted_takes_its_right_to_pull_with_it()
    {
        var observed = Observed();
        var plan = AzurePlanner.Plan(Default, observed with { Cluster = observed.Cluster! with { Resource = Going(observed.Cluster.Resource) } });

        Assert.That((plan.Of(AzurePart.Cluster)!.Wait, plan.Of(AzurePart.Cluster)!.Row.Kind), Is.EqualTo((AzureWait.Gone, ChangeKind.Create)));
        Assert.That(plan.Of(AzurePart.PullAccess)!.Row.Kind, Is.EqualTo(ChangeKind.Create), "the next cluster has another identity");
    }

    [TestCase("token")]
    [TestCase("managedIdentity")]
    public void A_registry_that_is_being_deleted_takes_tokens_and_assignments_with_it(string auth)
    {
        var observed = Observed();
        var plan = AzurePlanner.Plan(WithAuth(auth), observed with { Registry = observed.Registry! with { Resource = Going(observed.Registry.Resource) } });

        Assert.That(plan.Of(AzurePart.PullAccess)!.Row.Kind, Is.EqualTo(ChangeKind.Create));
    }

    [Test]
    public void An_account_that_is_being_deleted_takes_its_share_with_it()
    {
        var observed = Observed();
        var plan = AzurePlanner.Plan(Default, observed with { Storage = observed.Storage! with { Resource = Going(observed.Storage.Resource) } });

        Assert.That(plan.Of(AzurePart.Share)!.Row.Kind, Is.EqualTo(ChangeKind.Create));
    }

    [TestCase(true, "Failed")]
    [TestCase(false, "Succeeded")]
    public void A_failed_cluster_without_a_kubelet_identity_is_repaired_where_something_may_run_in_it(bool hasServicePrincipal, string pool)
    {
        var observed = Observed();
        var cluster = observed.Cluster! with
        {
            Resource = observed.Cluster.Resource with { ProvisioningState = "Failed" },
            KubeletObjectId = null,
            HasServicePrincipal = hasServicePrincipal,
            NodePools = [observed.Cluster.NodePools[0] with { ProvisioningState = pool }],
        };
        var action = AzurePlanner.Plan(WithAuth("token"), observed with { Cluster = cluster }).Of(AzurePart.Cluster)!;

        Assert.That(Short(action.Commands.Single().Arguments), Is.EqualTo("aks update --yes --no-wait"));
        Assert.That(action.Row.Reason, Does.EndWith("repaired"));
    }

    [Test]
    public void A_cluster_with_a_service_principal_cannot_be_given_a_right_that_is_a_kubelet_identitys()
    {
        var observed = Observed();
        var row = AzurePlanner.Plan(Default, observed with { Cluster = observed.Cluster! with { KubeletObjectId = null, HasServicePrincipal = true } })
            .Of(AzurePart.PullAccess)!.Row;

        Assert.That(row, Has.Property("Kind").EqualTo(ChangeKind.Conflict).And.Property("Remedy").Contains("set azure.registry.auth to token"));
    }

    [Test]
    public void Where_the_autoscaler_sets_the_number_of_nodes_it_is_left_to_it()
    {
        var observed = Observed();
        var cluster = observed.Cluster! with { NodePools = [observed.Cluster.NodePools[0] with { Count = 7, IsAutoscaled = true }] };
        var action = AzurePlanner.Plan(Default, observed with { Cluster = cluster }).Of(AzurePart.Cluster)!;

        Assert.That((action.Row.Kind, action.Row.Reason), Is.EqualTo((ChangeKind.Unchanged, "as configured; its autoscaler sets the number of nodes")));
    }

    [Test]
    public void A_share_that_outgrows_its_account_has_the_account_set_up_for_it()
    {
        var plan = AzurePlanner.Plan(WithStorage(s => s with { QuotaGiB = 6000 }), Observed());

        Assert.That(Short(plan.Of(AzurePart.StorageAccount)!.Commands.Single().Arguments), Is.EqualTo("storage account update --enable-large-file-share"));
        Assert.That(Short(plan.Of(AzurePart.Share)!.Commands.Single().Arguments), Is.EqualTo("storage share-rm update --quota 6000"));
    }

    [TestCase("Failed", true, "aks update --yes --no-wait")]
    [TestCase("Canceled", true, "aks update --yes --no-wait")]
    [TestCase("Failed", false, "aks delete --yes; aks create")]
    public void A_failed_cluster_is_reconciled_where_it_ever_ran_and_made_again_where_not(string state, bool everRan, string commands)
    {
        var observed = Observed();
        var cluster = observed.Cluster! with
        {
            Resource = observed.Cluster.Resource with { ProvisioningState = state },
            KubeletObjectId = everRan ? Kubelet : null,
            NodePools = [observed.Cluster.NodePools[0] with { ProvisioningState = everRan ? "Succeeded" : state }],
        };
        var action = AzurePlanner.Plan(Default, observed with { Cluster = cluster }).Of(AzurePart.Cluster)!;

        Assert.That(action.Row.Kind, Is.EqualTo(ChangeKind.Update));
        Assert.That(string.Join("; ", action.Commands.Select(command => Short(command.Arguments))), Does.StartWith(commands));
        Assert.That(action.Row.Reason, Does.EndWith(everRan ? "repaired" : "it NEVER CAME UP and IS DELETED, then made anew"));
    }

    [Test]
    public void A_failed_account_is_put_again_and_never_deleted()
    {
        var observed = Observed();
        var storage = observed.Storage! with { Resource = observed.Storage.Resource with { ProvisioningState = "Failed" } };
        var action = AzurePlanner.Plan(Default, observed with { Storage = storage }).Of(AzurePart.StorageAccount)!;

        Assert.That(Short(action.Commands.Single().Arguments), Does.StartWith("storage account create"));
    }

    [Test]
    public void A_public_image_needs_no_registry()
    {
        var plan = AzurePlanner.Plan(Default with { Images = Default.Images with { Public = "ambrosia/ambrosia-perftest" } }, AzureObservation.Nothing);

        Assert.That(plan.Of(AzurePart.Registry), Is.Null);
        Assert.That(plan.Of(AzurePart.PullAccess), Is.Null);
    }

    [Test]
    public void Logs_on_disks_need_no_storage_account()
    {
        var plan = AzurePlanner.Plan(WithStorage(s => s with { Kind = "disk" }), AzureObservation.Nothing);

        Assert.That(plan.Of(AzurePart.StorageAccount), Is.Null);
        Assert.That(plan.Of(AzurePart.Share), Is.Null);
        Assert.That(plan.Of(AzurePart.Group)!.Row.Kind, Is.EqualTo(ChangeKind.Create));
    }

    [TestCase("other-principal", null, null)]
    [TestCase(null, "acdd72a7-3385-48ef-bd42-f606fba81ae7", null)]
    [TestCase(null, null, "/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/hello-group/providers/Microsoft.ContainerRegistry/registries/other")]
    public void An_assignment_of_another_principal_role_or_scope_does_not_count(string? principal, string? role, string? scope)
    {
        var observed = Observed();
        var assignment = observed.RoleAssignments[0];
        var other = assignment with { PrincipalId = principal ?? assignment.PrincipalId, RoleName = role ?? assignment.RoleName, Scope = scope ?? assignment.Scope };

        Assert.That(AzurePlanner.Plan(Default, observed with { RoleAssignments = [other] }).Of(AzurePart.PullAccess)!.Row.Kind, Is.EqualTo(ChangeKind.Create));
    }

    [Test]
    public void An_assignment_on_the_group_gives_the_right_too()
    {
        var observed = Observed();
        var inherited = observed.RoleAssignments[0] with { Scope = new AzureNames(Default).Paths.Group };

        Assert.That(AzurePlanner.Plan(Default, observed with { RoleAssignments = [inherited] }).Of(AzurePart.PullAccess)!.Row.Kind, Is.EqualTo(ChangeKind.Unchanged));
    }

    [Test]
    public void A_token_is_made_for_our_repository_alone_and_without_a_password()
    {
        var action = AzurePlanner.Plan(WithAuth("token"), AzureObservation.Nothing).Of(AzurePart.PullAccess)!;

        Assert.That(action.Row.Step, Is.EqualTo("ProvisionAcr"));
        Assert.That(
            Short(action.Commands.Single().Arguments),
            Is.EqualTo("acr token create --registry hellocontainerreg --repository perftest content/read metadata/read --no-passwords true"));
    }

    [TestCase("enabled", ChangeKind.Unchanged)]
    [TestCase("disabled", ChangeKind.Update)]
    public void A_token_that_is_there_is_enabled(string status, ChangeKind expected) => Assert.That(
        AzurePlanner.Plan(WithAuth("token"), Observed() with { RegistryTokens = [new ObservedRegistryToken("perftest-pull", status)] })
            .Of(AzurePart.PullAccess)!.Row.Kind,
        Is.EqualTo(expected));

    [Test]
    public void A_service_principal_made_beforehand_needs_nothing() => Assert.That(
        AzurePlanner.Plan(WithAuth("servicePrincipal"), AzureObservation.Nothing, new PullPrincipal("app", null)).Of(AzurePart.PullAccess)!.Row.Kind,
        Is.EqualTo(ChangeKind.Unchanged));

    [Test]
    public void The_group_is_made_by_the_first_task_of_the_run_that_needs_it() => Assert.That(
        AzurePlanner.Plan(Default, AzureObservation.Nothing, groupStep: "ProvisionAks").Of(AzurePart.Group)!.Row.Step, Is.EqualTo("ProvisionAks"));

    [Test]
    public void A_long_service_name_still_gives_a_valid_token_name() =>
        Assert.That(new AzureNames(Default with { ServiceName = new string('a', 63) }).TokenName, Does.Match("^[a-zA-Z0-9-]{5,50}$"));

    [Test]
    public void The_first_plan_is_as_golden() => Golden.Verify("Platforms/Aks/Golden/plan-first.txt", Table(Default, AzureObservation.Nothing));

    [Test]
    public void A_plan_without_changes_is_as_golden() => Golden.Verify("Platforms/Aks/Golden/plan-unchanged.txt", Table(Default, Observed()));

    [Test]
    public void A_plan_with_changes_and_conflicts_is_as_golden()
    {
        var observed = Observed();
        var settings = With(azure => azure with
        {
            Storage = azure.Storage with { Sku = "Standard_GRS", QuotaGiB = 100 },
            Cluster = azure.Cluster with { NodeCount = 3, VmSize = "Standard_M8ms" },
        });
        Golden.Verify("Platforms/Aks/Golden/plan-mixed.txt", Table(settings, observed with
        {
            Registry = observed.Registry! with { Resource = observed.Registry.Resource.Foreign() },
        }));
    }

    [Test]
    public void The_commands_of_a_first_run_are_as_golden() => Golden.Verify(
        "Platforms/Aks/Golden/commands-first.txt",
        string.Concat(AzurePlanner.Plan(Default, AzureObservation.Nothing).Actions.SelectMany(action => action.Commands)
            .Select(command => $"az {string.Join(' ', command.Arguments)}\n")));

    private static ObservedResource Going(ObservedResource resource) => resource with { ProvisioningState = "Deleting" };

    private static string Table(BuildSettings settings, AzureObservation observed) => PlanText.Table(new DeploymentPlan(
        [.. AzurePlanner.Plan(settings, observed).Actions.Select(action => action.Row)], [MonthlyCost.Describe(settings)]));

    private static IEnumerable<string> Changes(AzureAction action) =>
        action.Row.Properties.Select(property => $"{property.Name}: {property.Old} -> {property.New}");

    /// <summary>A command without the names that are the same in all.</summary>
    private static string Short(IReadOnlyList<string> arguments)
    {
        string[] hidden = ["--name", "--resource-group", "--subscription", "--storage-account", "--resource-id"];
        List<string> kept = [];
        for (var index = 0; index < arguments.Count; index++)
        {
            if (hidden.Contains(arguments[index]))
                index++;
            else
                kept.Add(arguments[index]);
        }

        return string.Join(' ', kept);
    }
}
