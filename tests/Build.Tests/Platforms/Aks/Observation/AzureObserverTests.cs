using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Tests.Platforms.Aks.Arm;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Observation;

public sealed class AzureObserverTests
{
    [Test]
    public async Task Nothing_is_observed_where_nothing_is()
    {
        using var arm = FakeArm.Of();
        var observation = await ObserveAsync(arm);

        Assert.That(
            (observation.Group, observation.Storage, observation.Share, observation.Registry, observation.Cluster),
            Is.EqualTo(((ObservedResource?)null, (ObservedStorage?)null, (ObservedShare?)null, (ObservedRegistry?)null, (ObservedCluster?)null)));
        Assert.That((observation.Resources.Count, observation.RoleAssignments.Count, observation.RegistryTokens.Count), Is.EqualTo((0, 0, 0)));
        Assert.That(arm.Traffic.Requests, Is.EqualTo(8));
    }

    [Test]
    public async Task Everything_of_a_deployment_is_read()
    {
        using var arm = Existing();
        var observation = await ObserveAsync(arm);

        Assert.That(observation.Group!.IsOf("hello"), Is.True);
        Assert.That(observation.Group.Location, Is.EqualTo("eastus"));
        var storage = observation.Storage!;
        Assert.That((storage.Sku, storage.AccessTier, storage.MinimumTlsVersion, storage.HttpsOnly), Is.EqualTo(("Standard_LRS", "Hot", "TLS1_2", true)));
        Assert.That((storage.AllowsPublicBlobs, storage.AllowsSharedKey, storage.FileEndpoint), Is.EqualTo((false, true, "hellostorage.file.core.windows.net")));
        Assert.That(observation.Share, Is.EqualTo(new ObservedShare("ambrosia-logs-smbshare", 80)));
        Assert.That((observation.Registry!.Sku, observation.Registry.LoginServer), Is.EqualTo(("Standard", "helloregistry.azurecr.io")));
        var cluster = observation.Cluster!;
        Assert.That((cluster.Resource.ProvisioningState, cluster.KubeletObjectId, cluster.PowerState), Is.EqualTo(("Creating", "kubelet-object", "Running")));
        Assert.That(cluster.NodePools, Is.EqualTo(new[] { new ObservedNodePool("nodepool1", "Standard_D2s_v5", 2, "System", "Succeeded") }));
        Assert.That((cluster.NeedsKubelogin, cluster.IsPrivate, cluster.Fqdn), Is.EqualTo((true, true, "hello.privatelink.eastus.azmk8s.io")));
        Assert.That(observation.Resources.Select(resource => resource.Name), Is.EqualTo(new[] { "hellostorage" }));
        Assert.That(observation.RoleAssignments, Is.EqualTo(new[]
        {
            new ObservedRoleAssignment("/ra/1", "kubelet-object", "7f951dda-4ed3-4680-a7ca-43fe172d538d", AksSettings.Registry),
        }));
        Assert.That(observation.RegistryTokens, Is.EqualTo(new[] { new ObservedRegistryToken("ambrosia-hello", "enabled") }));
    }

    [Test]
    public async Task Disks_need_no_account_and_a_public_image_no_registry()
    {
        using var arm = Existing();
        using var client = arm.Client();
        var observation = await new AzureObserver(Session(client), AksSettings.Provider(settings => settings.WithDisk().WithPublicImage())).ObserveAsync(default);

        Assert.That((observation.Storage, observation.Share, observation.Registry), Is.EqualTo(((ObservedStorage?)null, (ObservedShare?)null, (ObservedRegistry?)null)));
        Assert.That(arm.Requests, Has.Count.EqualTo(3));
    }

    [TestCase("token", "/roleAssignments?")]
    [TestCase("managedIdentity", "/tokens?")]
    public async Task A_refused_listing_that_this_way_into_the_registry_does_not_need_is_empty(string auth, string listing)
    {
        using var arm = new FakeArm((request, _) => request.RequestUri!.PathAndQuery.Contains(listing, StringComparison.Ordinal)
            ? FakeArm.Json("{}", System.Net.HttpStatusCode.Forbidden)
            : FakeArm.Json(request.RequestUri.PathAndQuery.Contains("/registries/helloregistry?", StringComparison.Ordinal) ? """{"name":"helloregistry"}""" : """{"value":[]}"""));
        using var client = arm.Client();
        var observer = new AzureObserver(Session(client), AksSettings.Provider(settings => settings with
        {
            Azure = settings.Azure! with { Registry = settings.Azure.Registry with { Auth = auth } },
        }));

        var observation = await observer.ObserveAsync(default);

        Assert.That(observation.Registry, Is.Not.Null);
        Assert.That((observation.RoleAssignments.Count, observation.RegistryTokens.Count), Is.EqualTo((0, 0)));
    }

    [TestCase("msi", false)]
    [TestCase("11111111-1111-1111-1111-111111111111", true)]
    public async Task A_cluster_tells_how_it_was_made(string client, bool hasServicePrincipal)
    {
        using var arm = FakeArm.Of((AksSettings.Cluster + "?", $$$"""
            {"name":"hello-cluster","properties":{"servicePrincipalProfile":{"clientId":"{{{client}}}"},"aadProfile":{"managed":true},
             "agentPoolProfiles":[{"name":"nodepool1","enableAutoScaling":true}]}}
            """));
        var cluster = (await ObserveAsync(arm)).Cluster!;

        Assert.That((cluster.HasServicePrincipal, cluster.EverRan, cluster.NeedsKubelogin), Is.EqualTo((hasServicePrincipal, hasServicePrincipal, true)));
        Assert.That(cluster.NodePools.Single().IsAutoscaled, Is.True);
    }

    [Test]
    public async Task One_refusal_ends_the_whole()
    {
        using var arm = new FakeArm((_, _) => FakeArm.Json("{}", System.Net.HttpStatusCode.Forbidden));
        await Assert.ThatAsync(() => ObserveAsync(arm), Throws.InstanceOf<Ambrosia.Build.Errors.BuildException>().With.Message.Contains("AMB3002"));
    }

    private static async Task<AzureObservation> ObserveAsync(FakeArm arm)
    {
        using var client = arm.Client();
        return await new AzureObserver(Session(client), AksSettings.Provider()).ObserveAsync(default);
    }

    private static IAzureSession Session(IArmClient client)
    {
        var session = Substitute.For<IAzureSession>();
        session.Arm.Returns(client);
        return session;
    }

    private static FakeArm Existing() => FakeArm.Of(
        (AksSettings.Account + "/fileServices/default/shares/ambrosia-logs-smbshare?", """{"name":"ambrosia-logs-smbshare","properties":{"shareQuota":80}}"""),
        (AksSettings.Account + "?",
            """
            {"id":"/a","name":"hellostorage","type":"Microsoft.Storage/storageAccounts","location":"East US","sku":{"name":"Standard_LRS"},"kind":"StorageV2",
             "properties":{"provisioningState":"Succeeded","accessTier":"Hot","minimumTlsVersion":"TLS1_2","supportsHttpsTrafficOnly":true,"allowBlobPublicAccess":false,
             "primaryEndpoints":{"file":"https://hellostorage.file.core.windows.net/"}}}
            """),
        (AksSettings.Registry + "/providers/Microsoft.Authorization/roleAssignments?$filter=atScope%28%29&",
            $$"""
            {"value":[{"id":"/ra/1","properties":{"principalId":"kubelet-object","scope":"{{AksSettings.Registry}}",
             "roleDefinitionId":"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d"} }]}
            """),
        (AksSettings.Registry + "/tokens?", """{"value":[{"name":"ambrosia-hello","properties":{"status":"enabled"}}]}"""),
        (AksSettings.Registry + "?", """{"name":"helloregistry","sku":{"name":"Standard"},"properties":{"loginServer":"helloregistry.azurecr.io","adminUserEnabled":false}}"""),
        (AksSettings.Cluster + "?",
            """
            {"name":"hello-cluster","properties":{"provisioningState":"Creating","powerState":{"code":"Running"},"fqdn":"hello.eastus.azmk8s.io",
             "privateFQDN":"hello.privatelink.eastus.azmk8s.io","nodeResourceGroup":"MC_x","disableLocalAccounts":true,"apiServerAccessProfile":{"enablePrivateCluster":true},
             "identityProfile":{"kubeletidentity":{"objectId":"kubelet-object","clientId":"kubelet-client"}},
             "agentPoolProfiles":[{"name":"nodepool1","vmSize":"Standard_D2s_v5","count":2,"mode":"System","provisioningState":"Succeeded"}]}}
            """),
        (AksSettings.Group + "/resources?", """{"value":[{"id":"/a","name":"hellostorage","type":"Microsoft.Storage/storageAccounts","location":"eastus"}]}"""),
        (AksSettings.Group + "?", """{"id":"/g","name":"hello-group","location":"eastus","tags":{"ambrosia-deployment":"hello"},"properties":{"provisioningState":"Succeeded"}}"""));
}
