using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks.Cleaning;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using NUnit.Framework;
using static Ambrosia.Build.Tests.Platforms.Aks.Deployed;

namespace Ambrosia.Build.Tests.Platforms.Aks;

public sealed class AzureCleanPlanTests
{
    [Test]
    public void All_takes_our_group_as_a_whole_after_the_role_assignment()
    {
        var plan = AzureCleanPlan.For(Default, Observed(), CleanScope.All);

        Assert.That(plan.Parts, Is.EqualTo([AzurePart.Group]));
        Assert.That(plan.Rows.Select(row => row.Resource), Is.EqualTo(["role assignment a1", "registry token perftest-pull", "resource group hello-group"]));
        Assert.That(plan.Rows[^1].Reason, Is.EqualTo("ours, with everything in it: hellostorage, hellocontainerreg, hello-cluster"));
        Assert.That(plan.Foreign, Is.Empty);
    }

    [Test]
    public void All_takes_resource_by_resource_out_of_a_group_of_somebody_else()
    {
        var observed = Observed();
        var plan = AzureCleanPlan.For(Default, observed with { Group = observed.Group!.Foreign() }, CleanScope.All);

        Assert.That(plan.Parts, Is.EqualTo([AzurePart.Cluster, AzurePart.Registry, AzurePart.StorageAccount]));
        Assert.That(plan.Kept, Is.EqualTo(["resource group hello-group: not ours (no tag ambrosia-deployment=perftest)"]));
    }

    [Test]
    public void All_also_takes_what_is_ours_under_a_name_that_is_no_longer_configured()
    {
        var observed = Observed();
        var former = observed.Storage!.Resource with { Id = observed.Storage.Resource.Id + "old", Name = "hellostorageold" };
        var plan = AzureCleanPlan.For(
            Default, observed with { Group = observed.Group!.Foreign(), Resources = [.. observed.Resources, former, former.Foreign()] }, CleanScope.All);

        Assert.That(plan.Others, Is.EqualTo([former]));
    }

    [Test]
    public void What_is_not_ours_inside_our_group_is_listed()
    {
        var observed = Observed();
        var theirs = new ObservedResource("/x/theirs", "theirs", "Microsoft.Compute/disks", "eastus", new Dictionary<string, string>(), "Succeeded");

        Assert.That(AzureCleanPlan.For(Default, observed with { Resources = [.. observed.Resources, theirs] }, CleanScope.All).Foreign, Is.EqualTo([theirs]));
    }

    [Test]
    public void Most_keeps_cluster_and_group()
    {
        var plan = AzureCleanPlan.For(Default, Observed(), CleanScope.Most);

        Assert.That(plan.Parts, Is.EqualTo([AzurePart.Registry, AzurePart.StorageAccount]));
        Assert.That(plan.Assignments, Has.Count.EqualTo(1));
    }

    [Test]
    public void Auth_takes_the_assignment_and_the_token_and_no_resource()
    {
        var plan = AzureCleanPlan.For(Default, Observed(), CleanScope.Auth);

        Assert.That(plan.Parts, Is.Empty);
        Assert.That(plan.Assignments.Single(), Does.EndWith("/roleAssignments/a1"));
        Assert.That(plan.Tokens, Is.True);
    }

    [Test]
    public void Auth_leaves_assignments_of_others_and_inherited_ones()
    {
        var observed = Observed();
        var ours = observed.RoleAssignments[0];
        var plan = AzureCleanPlan.For(
            Default,
            observed with { RoleAssignments = [ours with { Id = "theirs", PrincipalId = "somebody" }, ours with { Id = "inherited", Scope = new AzureNames(Default).Paths.Group }] },
            CleanScope.Auth);

        Assert.That(plan.Assignments, Is.Empty);
    }

    [Test]
    public void Auth_takes_the_assignment_of_our_service_principal()
    {
        var observed = Observed();
        var theirs = observed.RoleAssignments[0] with { Id = "/x/a2", PrincipalId = "our-principal" };

        Assert.That(AzureCleanPlan.For(Default, observed with { RoleAssignments = [theirs] }, CleanScope.Auth, "our-principal").Assignments, Is.EqualTo(["/x/a2"]));
    }

    [Test]
    public void Logs_empties_the_share_and_takes_nothing_else()
    {
        var plan = AzureCleanPlan.For(Default, Observed(), CleanScope.Logs);

        Assert.That(plan.EmptiesShare, Is.True);
        Assert.That(plan.Parts, Is.Empty);
        Assert.That(plan.Assignments, Is.Empty);
    }

    [Test]
    public void Logs_on_disks_or_in_an_account_of_somebody_else_are_left()
    {
        var observed = Observed();
        Assert.That(AzureCleanPlan.For(WithStorage(s => s with { Kind = "disk" }), observed, CleanScope.Logs).EmptiesShare, Is.False);
        Assert.That(
            AzureCleanPlan.For(Default, observed with { Storage = observed.Storage! with { Resource = observed.Storage.Resource.Foreign() } }, CleanScope.Logs).EmptiesShare,
            Is.False);
    }

    [TestCase(CleanScope.All)]
    [TestCase(CleanScope.Most)]
    [TestCase(CleanScope.Auth)]
    [TestCase(CleanScope.Logs)]
    public void Where_there_is_nothing_there_is_nothing_to_remove(CleanScope scope) =>
        Assert.That(AzureCleanPlan.For(Default, AzureObservation.Nothing, scope).Rows, Is.Empty);
}
