using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Acting;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tests.Reporting;
using NSubstitute;

namespace Ambrosia.Build.Tests.Platforms.Aks.Acting;

/// <summary>All that provisions, in front of a <see cref="FakeAzure"/> whose registry and directory give out one secret.</summary>
internal sealed class ProvisioningWorld : IDisposable
{
    public const string Application = "77777777-7777-7777-7777-777777777777";

    private static readonly string[] Tasks = ["ProvisionStorage", "ProvisionAcr", "ProvisionAks"];

    private readonly AzurePlanSource _plans;
    private readonly PlanGate _gate;
    private readonly AzureChangeGraph _graph;
    private bool _hasApplication;
    private bool _hasPrincipal;

    public ProvisioningWorld(BuildSettings settings, AzureObservation observed, string secret, Func<string, string?>? environment = null)
    {
        var names = new AzureNames(settings);
        var group = $"ambrosia-group={names.Subscription}/{names.Azure.ResourceGroup}".ToLowerInvariant();
        Azure.Put(names.Paths.Registry, new { provisioningState = "Succeeded", loginServer = "hellocontainerreg.azurecr.io" });
        Azure.OnCommand = words =>
        {
            if (words == "aks create")
                Azure.Set(names.Paths.Cluster, "Succeeded", Deployed.Kubelet);
            _hasApplication |= words == "rest";
            _hasPrincipal |= words == "ad sp create";
        };
        Azure.Answer = words => words switch
        {
            "acr token credential generate" => $$"""{"passwords":[{"name":"password1","value":"{{secret}}"}],"username":"x"}""",
            "ad app list" => _hasApplication
                ? $$"""[{"displayName":"{{names.ServicePrincipalName}}","appId":"{{Application}}","tags":["{{ObservedResource.OwnerTag}}={{names.ServiceName}}","{{group}}"]}]"""
                : "[]",
            "ad sp list" => _hasPrincipal ? """[{"id":"88888888-8888-8888-8888-888888888888"}]""" : "[]",
            "cloud show" => "\"https://graph.test/\"",
            "rest" => $$"""{"appId":"{{Application}}"}""",
            "ad sp create" => """{"id":"88888888-8888-8888-8888-888888888888"}""",
            "ad app credential reset" => $$"""{"appId":"{{Application}}","password":"{{secret}}"}""",
            _ => null,
        };
        var provider = Substitute.For<ISettingsProvider>();
        provider.Settings.Returns(settings);
        var observer = Substitute.For<IAzureObserver>();
        observer.ObserveAsync(default).ReturnsForAnyArgs(Task.FromResult(observed));
        var scope = new RunScope(Tasks);
        var timings = new AzureTimings(TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1), 3, TimeSpan.FromMinutes(1));
        var az = new AzCli(Azure);
        var watch = new ResourceWatch(Azure, Console, TimeProvider.System, timings);
        var writer = new AzureWriter(az, watch, Console, Mask, TimeProvider.System, timings);
        var principals = new ServicePrincipals(az, writer, environment ?? (_ => null));
        _plans = new AzurePlanSource(provider, observer, principals, scope);
        var platform = Substitute.For<IPlatform>();
        platform.PlanAsync(default).ReturnsForAnyArgs(async _ => new DeploymentPlan([.. (await _plans.GetAsync(default)).Plan.Actions.Select(action => action.Row)], []));
        platform.DiagnoseAsync(default).ReturnsForAnyArgs(Task.FromResult<IReadOnlyList<Finding>>([]));
        _gate = new PlanGate(new Lazy<IPlatform>(platform), scope, Substitute.For<IConfirmation>(), Console);
        _graph = new AzureChangeGraph(_plans, _gate, scope, writer, watch, principals, Console, TimeProvider.System);
        Pull = new PullCredentials(provider, writer, principals, watch, Mask);
    }

    public FakeAzure Azure { get; } = new();

    public RecordingConsole Console { get; } = new();

    public SecretMask Mask { get; } = new();

    public PullCredentials Pull { get; }

    public async Task ProvisionAsync()
    {
        foreach (var task in Tasks)
            await _graph.ProvisionAsync(task, onlyBegin: false, default);
    }

    public void Dispose()
    {
        _graph.Dispose();
    }
}
