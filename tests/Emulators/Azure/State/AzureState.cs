using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>Everything that exists in the emulated tenant. Tests read it and plant in it; each member may be called from any thread.</summary>
public sealed partial class AzureState
{
    private readonly AzureEmulatorOptions _options;
    private readonly SentinelSecrets _secrets;
    private readonly Dictionary<string, ResourceGroup> _groups = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ArmResource> _resources = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> _providers = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<RoleAssignment> _roleAssignments = [];
    private readonly List<GraphApplication> _applications = [];
    private readonly List<GraphServicePrincipal> _servicePrincipals = [];
    private readonly List<PolicyAssignment> _policies = [];
    private readonly List<LongRunningOperation> _operations = [];
    private readonly HashSet<string> _takenNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _denied = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Location, string Family), Quota> _quotas = [];
    private readonly HashSet<(string Location, string Size)> _restricted = [];

    internal AzureState(AzureEmulatorOptions options, SentinelSecrets secrets)
    {
        _options = options;
        _secrets = secrets;
        foreach (var name in new[]
        {
            "Microsoft.Storage", "Microsoft.ContainerRegistry", "Microsoft.ContainerService", "Microsoft.Compute", "Microsoft.Network",
            "Microsoft.ManagedIdentity", "Microsoft.Authorization", "Microsoft.Resources", "Microsoft.OperationalInsights",
        })
        {
            _providers[name] = "Registered";
        }
        _servicePrincipals.Add(new GraphServicePrincipal(options.ClientId, "ambrosia-ci", options.TenantId) { Id = options.PrincipalId });
        Subscriptions = [new Subscription(options.SubscriptionId, options.SubscriptionName)];
    }

    /// <summary>Set by the emulator once its port is known.</summary>
    internal string DefaultLoginServer { get; set; } = "";

    internal Lock Gate { get; } = new();

    public DateTimeOffset Now => _options.Clock.GetUtcNow();

    /// <summary>What the logged-in identity sees; the first one is where resources live.</summary>
    public IReadOnlyList<Subscription> Subscriptions { get; set; }

    public IReadOnlyList<ResourceGroup> Groups => Snapshot(() => _groups.Values);

    public IReadOnlyList<ArmResource> Resources => Snapshot(() => _resources.Values);

    public IReadOnlyList<StorageAccount> StorageAccounts => Snapshot(() => _resources.Values.OfType<StorageAccount>());

    public IReadOnlyList<ContainerRegistry> Registries => Snapshot(() => _resources.Values.OfType<ContainerRegistry>());

    public IReadOnlyList<ManagedCluster> Clusters => Snapshot(() => _resources.Values.OfType<ManagedCluster>());

    public IReadOnlyList<RoleAssignment> RoleAssignments => Snapshot(() => _roleAssignments);

    public IReadOnlyList<GraphApplication> Applications => Snapshot(() => _applications);

    public IReadOnlyList<GraphServicePrincipal> ServicePrincipals => Snapshot(() => _servicePrincipals);

    public IReadOnlyList<PolicyAssignment> Policies => Snapshot(() => _policies);

    /// <summary>Actions that the logged-in identity lacks; they are the <c>notActions</c> of its permissions.</summary>
    public IReadOnlyList<string> DeniedActions => Snapshot(() => _denied);

    /// <summary>Operations that have not ended yet.</summary>
    public int OperationsInProgress => Locked(() => _operations.Count(operation => !operation.IsDone));

    public ResourceGroup? Group(string name) => Locked(() => _groups.GetValueOrDefault(name));

    public StorageAccount? StorageAccount(string name) => StorageAccounts.FirstOrDefault(account => Same(account.Name, name));

    public ContainerRegistry? Registry(string name) => Registries.FirstOrDefault(registry => Same(registry.Name, name));

    public ManagedCluster? Cluster(string name) => Clusters.FirstOrDefault(cluster => Same(cluster.Name, name));

    public ArmResource? Resource(string id) => Locked(() => _resources.GetValueOrDefault(id));

    /// <summary>The registration state of a resource provider: <c>Registered</c>, <c>NotRegistered</c>, <c>Registering</c>.</summary>
    public string Provider(string name) => Locked(() => _providers.GetValueOrDefault(name, "NotRegistered"));

    internal static bool Same(string? left, string? right) => string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    /// <summary>Completes what the clock has reached. Called with the gate held, before anything is read.</summary>
    internal void Settle()
    {
        var now = Now;
        foreach (var operation in _operations.Where(operation => !operation.IsDone && operation.Ends <= now).OrderBy(operation => operation.Ends).ToList())
            operation.Complete();
    }

    internal LongRunningOperation Begin(TimeSpan duration, Action complete, Func<JsonObject?> result, ApiException? error = null, ArmResource? resource = null)
    {
        var operation = new LongRunningOperation(Now + duration, complete, result, error, resource);
        _operations.Add(operation);
        return operation;
    }

    internal LongRunningOperation? Operation(string id) => _operations.FirstOrDefault(operation => operation.Id == id);

    private List<T> Snapshot<T>(Func<IEnumerable<T>> read) => Locked(() => read().ToList());

    private T Locked<T>(Func<T> read)
    {
        lock (Gate)
        {
            Settle();
            return read();
        }
    }
}
