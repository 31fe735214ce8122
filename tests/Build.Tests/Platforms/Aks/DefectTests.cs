using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using NUnit.Framework;
using static Ambrosia.Build.Tests.Platforms.Aks.Deployed;

namespace Ambrosia.Build.Tests.Platforms.Aks;

/// <summary>What the original scripts did wrong in Azure, by the numbers of the list of their defects.</summary>
public sealed class DefectTests
{
    [Test]
    public void Defect_05_No_command_carries_a_secret_or_asks_for_one_to_be_printed()
    {
        foreach (var auth in new[] { "managedIdentity", "token", "servicePrincipal" })
        {
            var words = AzurePlanner.Plan(WithAuth(auth), AzureObservation.Nothing).Actions.SelectMany(action => action.Commands).SelectMany(command => command.Arguments).ToList();
            Assert.That(words, Has.None.Matches<string>(word => word is "keys" or "show-connection-string" or "credential" or "--password" or "-p"));
        }
    }

    [Test]
    public void Defect_06_No_service_principal_is_made_unless_it_is_asked_for()
    {
        var commands = AzurePlanner.Plan(Default, AzureObservation.Nothing).Actions.SelectMany(action => action.Commands).ToList();

        Assert.That(commands.Where(command => command.Arguments[0] == "ad"), Is.Empty);
        Assert.That(commands.SelectMany(command => command.Arguments), Has.None.StartsWith("http://"));
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
    public void Defect_09_An_account_or_registry_of_another_name_does_not_count()
    {
        var observed = Observed();
        var other = observed.Storage!.Resource with { Name = "otherstorage" };

        Assert.That(Kind(AzureObservation.Nothing with { Group = observed.Group, Resources = [other] }, AzurePart.StorageAccount), Is.EqualTo(ChangeKind.Create));
        Assert.That(
            Kind(observed with { Storage = observed.Storage with { Resource = observed.Storage.Resource.Foreign() } }, AzurePart.StorageAccount),
            Is.EqualTo(ChangeKind.Conflict), "one of the right name is ours by its tag alone");
    }

    [Test]
    public void Defect_10_A_cluster_exists_where_Azure_says_so_and_is_not_created_again()
    {
        var commands = AzurePlanner.Plan(Default, Observed()).Of(AzurePart.Cluster)!.Commands;

        Assert.That(commands, Is.Empty);
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
