namespace Ambrosia.Build.Settings;

public enum PlatformKind
{
    Local,
    Kubernetes,
    Aks,
}

public enum RuntimeKind
{
    /// <summary>Our coordinator of <c>app/ImmortalCoordinator</c>.</summary>
    Own,

    /// <summary>Microsoft's original runtime, from an image built on <c>ambrosia/ambrosia-dev</c>.</summary>
    Ambrosia,
}

public enum VerifyKind
{
    PerformanceTest,
    LogPattern,
    None,
}

/// <summary>Everything a run is told, parsed and validated once, before anything starts. Immutable.</summary>
public sealed record BuildSettings
{
    public required PlatformKind Platform { get; init; }

    /// <summary>Why this platform was chosen, for a person: "no AmbrosiaAKSConf.json", "--platform", "platform in FILE".</summary>
    public required string PlatformReason { get; init; }

    public required string ServiceName { get; init; }

    /// <summary>Log directory inside the pods; on local each run has its own under artifacts/local.</summary>
    public required string LogDirectory { get; init; }

    public required RuntimeKind Runtime { get; init; }

    /// <summary>The instances in start order; a performance test has the server first and the job second.</summary>
    public required IReadOnlyList<InstanceSettings> Instances { get; init; }

    public required VerifySettings Verify { get; init; }

    public required ImageSettings Images { get; init; }

    public required KubernetesSettings Kubernetes { get; init; }

    public AzureSettings? Azure { get; init; }
}

/// <param name="Name">Instance name: letters and digits, 3 to 63, starting with a letter.</param>
/// <param name="Command">
/// Executable and arguments. These stand-ins are filled in per run: <c>{receivePort}</c>, <c>{sendPort}</c> (named from the
/// coordinator's side, so an app's --sp is {receivePort}), <c>{rounds}</c>, <c>{roundBytes}</c>, <c>{maxMessageBytes}</c>.
/// </param>
/// <param name="CoordinatorPort">Port for peers, in pods. On local the kernel assigns ports.</param>
/// <param name="ReceivePort">Port on which the coordinator receives from the app, in pods.</param>
/// <param name="SendPort">Port on which the coordinator sends to the app, in pods.</param>
/// <param name="StateVersion">Raised by the author when replayed messages would mean something else.</param>
/// <param name="TriggerSizeMiB">Log size at which a checkpoint is taken.</param>
public sealed record InstanceSettings(
    string Name,
    IReadOnlyList<string> Command,
    int CoordinatorPort,
    int ReceivePort,
    int SendPort,
    int StateVersion,
    int TriggerSizeMiB);

public sealed record VerifySettings
{
    public required VerifyKind Kind { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Payload bytes of one round.</summary>
    public required long RoundBytes { get; init; }

    public required int MaxMessageBytes { get; init; }

    /// <summary>Regular expression awaited in the instances' logs, for <see cref="VerifyKind.LogPattern"/>.</summary>
    public string? Pattern { get; init; }

    public required TimeSpan Deadline { get; init; }

    /// <summary>What the server's last "Bytes received" must be.</summary>
    public long ExpectedBytes => Rounds * RoundBytes;
}

public sealed record ImageSettings(string Context, string Dockerfile, string Platform, string? Public, string? BaseImage);

/// <param name="Kubeconfig">Absolute path; null takes KUBECONFIG, or else ~/.kube/config.</param>
/// <param name="LogSizeGiB">Size in GiB of each instance's volume for logs.</param>
/// <param name="RegistryPassword">From AMBROSIA_REGISTRY_PASSWORD alone; a secret.</param>
public sealed record KubernetesSettings(
    string? Context,
    string? Kubeconfig,
    string Namespace,
    string? StorageClass,
    int LogSizeGiB,
    string? Registry,
    string? RegistryUser,
    string? RegistryPassword,
    string PullSecret,
    string ShareSecret)
{
    /// <summary>What the nodes call the host of the registry; null: the same.</summary>
    public string? PullRegistry { get; init; }

    /// <summary>How images come to nodes without a registry: kind, k3d, minikube, k3s or none; null goes by the context's name.</summary>
    public string? ImageLoader { get; init; }

    /// <summary>Of each instance's pod.</summary>
    public PodResources Resources { get; init; } = PodResources.Default;

    /// <summary>Without the password, which a record would print.</summary>
    public override string ToString() => $"{nameof(KubernetesSettings)} {{ {nameof(Context)} = {Context}, {nameof(Namespace)} = {Namespace} }}";
}

public sealed record AzureSettings(
    string Subscription,
    string Location,
    string ResourceGroup,
    IReadOnlyDictionary<string, string> Tags,
    AzureStorageSettings Storage,
    AzureRegistrySettings Registry,
    AzureClusterSettings Cluster);

public sealed record AzureStorageSettings(string Account, string Share, int QuotaGiB, string Sku, string AccessTier, string Kind);

public sealed record AzureRegistrySettings(string Name, string Sku, string Auth, string? ServicePrincipalName);

public sealed record AzureClusterSettings(string Name, string VmSize, int NodeCount);
