using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Tests.Platforms.Aks.Acting;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using NSubstitute;
using NUnit.Framework;
using static Ambrosia.Build.Tests.Platforms.Aks.Deployed;

namespace Ambrosia.Build.Tests.Platforms.Aks;

/// <summary>What the original scripts did wrong in Azure, by the numbers of the list of their defects.</summary>
public sealed class DefectTests
{
    private const string Secret = "s3cret-of-azure";

    [TestCase("token")]
    [TestCase("servicePrincipal")]
    public async Task Defect_05_No_command_carries_a_secret_or_asks_for_the_key_of_an_account(string auth)
    {
        using var world = new ProvisioningWorld(WithAuth(auth), AzureObservation.Nothing, Secret);
        await world.ProvisionAsync();

        var login = await world.Pull.GetAsync(default);

        Assert.That(login!.Password, Is.EqualTo(Secret), "there is a secret that could have been seen");
        Assert.That(world.Azure.Arguments, Has.Count.GreaterThan(5));
        Assert.That(world.Azure.Arguments.SelectMany(each => each), Has.None.Contains(Secret));
        Assert.That(
            world.Azure.Arguments.SelectMany(each => each),
            Has.None.Matches<string>(word => word is "keys" or "show-connection-string" or "--password" or "-p" or "--account-key" or "--connection-string"));
        Assert.That(world.Console.Text, Does.Not.Contain(Secret));
        Assert.That(world.Mask.Mask(Secret), Is.EqualTo("***"));
    }

    [TestCase("managedIdentity", false)]
    [TestCase("token", false)]
    [TestCase("servicePrincipal", true)]
    public async Task Defect_06_No_service_principal_is_made_unless_it_is_asked_for(string auth, bool expected)
    {
        using var world = new ProvisioningWorld(WithAuth(auth), AzureObservation.Nothing, Secret);

        await world.ProvisionAsync();

        Assert.That(world.Azure.Started.Any(words => words.StartsWith("ad ", StringComparison.Ordinal)), Is.EqualTo(expected));
        Assert.That(world.Azure.Arguments.SelectMany(each => each), Has.None.StartsWith("http://"));
        Assert.That(world.Azure.Arguments.SelectMany(each => each), Has.None.EqualTo("create-for-rbac"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Defect_07_The_pull_secret_pairs_the_service_principals_id_with_its_own_secret_and_there_is_no_admin_user(bool isGiven)
    {
        const string Given = "99999999-9999-9999-9999-999999999999";
        using var world = new ProvisioningWorld(WithAuth("servicePrincipal"), AzureObservation.Nothing, Secret, name => (isGiven, name) switch
        {
            (true, ServicePrincipals.ClientIdVariable) => Given,
            (true, ServicePrincipals.ClientSecretVariable) => Secret,
            _ => null,
        });
        await world.ProvisionAsync();

        var login = await world.Pull.GetAsync(default);

        Assert.That(login, Is.EqualTo(new RegistryLogin("hellocontainerreg.azurecr.io", isGiven ? Given : ProvisioningWorld.Application, Secret)));
        var resets = world.Azure.Arguments.Where(each => each is ["ad", "app", "credential", "reset", ..]).ToList();
        Assert.That(resets.Select(each => each[each.ToList().IndexOf("--id") + 1]), Is.EqualTo(isGiven ? (string[])[] : [ProvisioningWorld.Application]));
        var registry = world.Azure.Arguments.Single(each => each is ["acr", "create", ..]);
        Assert.That(string.Join(' ', registry), Does.Contain("--admin-enabled false"));
        Assert.That(world.Azure.Started, Has.None.StartsWith("acr credential"));
    }

    [Test]
    public void Defect_08_The_right_is_AcrPull_of_the_kubelet_identity_and_any_other_does_not_count()
    {
        const string Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
        var observed = Observed();
        var reader = observed.RoleAssignments[0] with { RoleName = Reader };

        Assert.That(Kind(observed with { RoleAssignments = [reader] }, AzurePart.PullAccess), Is.EqualTo(ChangeKind.Create));
        Assert.That(Kind(observed, AzurePart.PullAccess), Is.EqualTo(ChangeKind.Unchanged));
    }

    [Test]
    public async Task Defect_09_An_account_or_registry_whose_name_begins_alike_does_not_count()
    {
        using var arm = FakeArm.Of((AksSettings.Group + "/resources?", """
            {"value":[{"id":"/a","name":"hellostorage2","type":"Microsoft.Storage/storageAccounts"},{"id":"/r","name":"helloregistry2","type":"Microsoft.ContainerRegistry/registries"}]}
            """));
        using var client = arm.Client();
        var session = Substitute.For<IAzureSession>();
        session.Arm.Returns(client);
        var observed = await new AzureObserver(session, AksSettings.Provider()).ObserveAsync(default);

        var plan = AzurePlanner.Plan(AksSettings.Load, observed);

        Assert.That(observed.Resources, Has.Count.EqualTo(2));
        Assert.That(plan.Of(AzurePart.StorageAccount)!.Commands.Single().Arguments, Does.Contain("create").And.Contain("hellostorage"));
        Assert.That(plan.Of(AzurePart.Registry)!.Commands.Single().Arguments, Does.Contain("create").And.Contain("helloregistry"));
    }

    [Test]
    public void Defect_09_One_of_the_right_name_is_ours_by_its_tag_alone()
    {
        var observed = Observed();

        Assert.That(
            Kind(observed with { Storage = observed.Storage! with { Resource = observed.Storage.Resource.Foreign() } }, AzurePart.StorageAccount),
            Is.EqualTo(ChangeKind.Conflict));
    }

    [TestCase(true, 0)]
    [TestCase(false, 1)]
    public async Task Defect_10_A_cluster_exists_where_Azure_says_so_and_is_not_created_again(bool exists, int expected)
    {
        var observed = Observed();
        using var world = new ProvisioningWorld(Default, exists ? observed : observed with { Cluster = null }, Secret);

        await world.ProvisionAsync();

        Assert.That(world.Azure.Started.Count(words => words == "aks create"), Is.EqualTo(expected));
    }

    [Test]
    public void Defect_12_Clean_all_takes_role_assignments_too_and_asks_who_owns_what()
    {
        var observed = Observed();

        Assert.That(AzureCleanPlan.For(Default, observed, CleanScope.All).Assignments, Has.Count.EqualTo(1));
        Assert.That(AzureCleanPlan.For(Default, observed with { Group = observed.Group!.Foreign() }, CleanScope.All).Parts, Does.Not.Contain(AzurePart.Group));
    }

    [Test]
    public void Defect_13_Logs_are_reset_by_a_scope_of_their_own_that_keeps_the_account()
    {
        var plan = AzureCleanPlan.For(Default, Observed(), CleanScope.Logs);

        Assert.That((plan.EmptiesShare, plan.Parts.Count), Is.EqualTo((true, 0)));
    }

    [Test]
    public void Defect_16_A_changed_setting_is_seen_and_made_so_without_a_clean() =>
        Assert.That(
            AzurePlanner.Plan(WithCluster(cluster => cluster with { NodeCount = 5 }), Observed()).Of(AzurePart.Cluster)!.Row.Kind,
            Is.EqualTo(ChangeKind.Update));

    [Test]
    public void Defect_17_The_registry_has_no_admin_user()
    {
        var create = AzurePlanner.Plan(Default, AzureObservation.Nothing).Of(AzurePart.Registry)!.Commands.Single().Arguments;

        Assert.That(string.Join(' ', create), Does.Contain("--admin-enabled false"));
        var observed = Observed();
        Assert.That(Kind(observed with { Registry = observed.Registry! with { AdminUserEnabled = true } }, AzurePart.Registry), Is.EqualTo(ChangeKind.Update));
    }

    private static ChangeKind Kind(AzureObservation observed, AzurePart part) => AzurePlanner.Plan(Default, observed).Of(part)!.Row.Kind;
}
