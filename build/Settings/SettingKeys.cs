namespace Ambrosia.Build.Settings;

/// <summary>Every key of <c>AmbrosiaAKSConf.json</c>, in the order of the template.</summary>
internal static class SettingKeys
{
    public const string Schema = "$schema";

    public const string SchemaPath = "build/Settings/AmbrosiaAKSConf.schema.json";

    public static readonly IReadOnlyDictionary<string, PlatformKind> Platforms = new Dictionary<string, PlatformKind>
    {
        ["local"] = PlatformKind.Local,
        ["kubernetes"] = PlatformKind.Kubernetes,
        ["aks"] = PlatformKind.Aks,
    };

    public static readonly IReadOnlyDictionary<string, RuntimeKind> Runtimes = new Dictionary<string, RuntimeKind>
    {
        ["own"] = RuntimeKind.Own,
        ["ambrosia"] = RuntimeKind.Ambrosia,
    };

    public static readonly IReadOnlyDictionary<string, VerifyKind> VerifyKinds = new Dictionary<string, VerifyKind>
    {
        ["performanceTest"] = VerifyKind.PerformanceTest,
        ["logPattern"] = VerifyKind.LogPattern,
        ["none"] = VerifyKind.None,
    };

    /// <summary>A secret is no key of the file.</summary>
    public const string RegistryPasswordVariable = "AMBROSIA_REGISTRY_PASSWORD";

    private static readonly PlatformKind[] InClusters = [PlatformKind.Kubernetes, PlatformKind.Aks];

    private static readonly PlatformKind[] OnAks = [PlatformKind.Aks];

    public static readonly IReadOnlyList<SettingKey> All =
    [
        new("platform", SettingType.Text, "Where the service runs: processes on this machine, any cluster that kubectl reaches, or Azure's AKS.")
        {
            Allowed = [.. Platforms.Keys], Example = "aks", IsAlwaysRequired = true,
        },
        new("serviceName", SettingType.Text, "Name of this deployment; everything that is made carries it.")
        {
            Default = "perftest", Rule = TextRule.Label, IsUserChosen = true,
        },
        new("runtime", SettingType.Text, "The coordinator: own (app/ImmortalCoordinator), or ambrosia (Microsoft's original).")
        {
            Default = "own", Allowed = [.. Runtimes.Keys],
        },
        new("logDirectory", SettingType.Text, "Where a pod sees its log store. On local each run has a directory of its own below artifacts/local.")
        {
            Default = "/ambrosia_logs", Rule = TextRule.AbsolutePath, UsedOn = InClusters,
        },
        new("instances", SettingType.Instances, "The instances in start order; a performance test has the server first and the job second."),

        new("images.context", SettingType.Text, "Directory that is sent to the image build, below the checkout's root.")
        {
            Default = "app", Rule = TextRule.RelativePath, UsedOn = InClusters,
        },
        new("images.dockerfile", SettingType.Text, "The Dockerfile, below the checkout's root.")
        {
            Default = "app/Dockerfile", Rule = TextRule.RelativePath, UsedOn = InClusters,
        },
        new("images.platform", SettingType.Text, "Operating system and processor of the cluster's nodes.")
        {
            Default = "linux/amd64", Allowed = ["linux/amd64", "linux/arm64"], UsedOn = InClusters,
        },
        new("images.public", SettingType.Text, "A published image to deploy instead of building one; null builds.")
        {
            Rule = TextRule.Image, UsedOn = InClusters,
        },
        new("images.base", SettingType.Text, "Base image for the build in place of the Dockerfile's own; null leaves it.")
        {
            Rule = TextRule.Image, UsedOn = InClusters,
        },

        new("kubernetes.context", SettingType.Text, "The kube context to use on platform kubernetes; never the current one by accident.")
        {
            Rule = TextRule.KubeContext, RequiredOn = [PlatformKind.Kubernetes], UsedOn = [PlatformKind.Kubernetes], IsUserChosen = true,
        },
        new("kubernetes.kubeconfig", SettingType.Text, "Kubeconfig file on platform kubernetes; null takes KUBECONFIG, or else ~/.kube/config.")
        {
            Rule = TextRule.KubeconfigPath, UsedOn = [PlatformKind.Kubernetes], IsUserChosen = true,
        },
        new("kubernetes.namespace", SettingType.Text, "Namespace of all objects; made when it is missing.")
        {
            Default = "ambrosia", Rule = TextRule.Label, UsedOn = InClusters, IsUserChosen = true,
        },
        new("kubernetes.storageClass", SettingType.Text, "Storage class of the logs' volumes; null takes the cluster's default.")
        {
            Rule = TextRule.ObjectName, UsedOn = InClusters, IsUserChosen = true,
        },
        new("kubernetes.logSizeGiB", SettingType.Integer, "Size in GiB of each instance's volume for logs; not for an Azure Files share.")
        {
            Default = 16L, Minimum = 1, Maximum = 32_767, UsedOn = InClusters,
        },
        new("kubernetes.registry", SettingType.Text, "Registry to push to on platform kubernetes; null loads images into the nodes (imageLoader).")
        {
            Rule = TextRule.ImageRegistry, UsedOn = [PlatformKind.Kubernetes], IsUserChosen = true,
        },
        new(
            "kubernetes.pullRegistry",
            SettingType.Text,
            "What the nodes call that registry's host, where it has another name for them (127.0.0.1 is the node itself); null for the same.")
        {
            Rule = TextRule.ImageRegistry, UsedOn = [PlatformKind.Kubernetes], IsUserChosen = true,
        },
        new(
            "kubernetes.registryUser",
            SettingType.Text,
            "User of that registry, with the password in the environment as AMBROSIA_REGISTRY_PASSWORD; null uses docker's own logins.")
        {
            Rule = TextRule.NotEmpty, UsedOn = [PlatformKind.Kubernetes], IsUserChosen = true,
        },
        new(
            "kubernetes.imageLoader",
            SettingType.Text,
            "Without a registry, the tool that loads images into the nodes; none when they are there; null goes by the context's name (kind-, k3d-, ...).")
        {
            Allowed = ["kind", "k3d", "minikube", "k3s", "none"], UsedOn = [PlatformKind.Kubernetes],
        },
        new("kubernetes.resources.requests.cpu", SettingType.Text, "Processors that a node must have free for an instance's pod.")
        {
            Default = PodResources.Default.CpuRequest, Rule = TextRule.Cpu, UsedOn = InClusters,
        },
        new("kubernetes.resources.requests.memory", SettingType.Text, "Memory that a node must have free for an instance's pod.")
        {
            Default = PodResources.Default.MemoryRequest, Rule = TextRule.Memory, UsedOn = InClusters,
        },
        new("kubernetes.resources.limits.cpu", SettingType.Text, "Processors that an instance's pod gets at most; null for no limit.")
        {
            Rule = TextRule.Cpu, UsedOn = InClusters,
        },
        new("kubernetes.resources.limits.memory", SettingType.Text, "Memory beyond which an instance's pod is killed (OOMKilled); null for no limit.")
        {
            Rule = TextRule.Memory, UsedOn = InClusters,
        },
        new("kubernetes.secrets.pull", SettingType.Text, "Name of the Secret with which the nodes pull images, where one is needed.")
        {
            Default = "acr-auth-secret", Rule = TextRule.ObjectName, UsedOn = InClusters,
        },
        new("kubernetes.secrets.share", SettingType.Text, "Name of the Secret that holds the storage account's key.")
        {
            Default = "azure-fileshare-secret", Rule = TextRule.ObjectName, UsedOn = InClusters,
        },

        new("verify.kind", SettingType.Text, "How Verify judges: by the performance test's totals, by a pattern in the logs, or not at all.")
        {
            Default = "performanceTest", Allowed = [.. VerifyKinds.Keys],
        },
        new("verify.rounds", SettingType.Integer, "Rounds of the performance test; each halves the message size, down to 16 bytes.")
        {
            Default = 6L, Minimum = 1, Maximum = 10_000,
        },
        new("verify.roundBytes", SettingType.Integer, "Payload bytes of one round, a multiple of maxMessageBytes; 64 MiB unless given, 256 MiB on local.")
        {
            Example = 64L << 20, Minimum = 16, Maximum = 1L << 40,
        },
        new("verify.maxMessageBytes", SettingType.Integer, "Message size of the first round in bytes, a power of two.")
        {
            Default = 65536L, Minimum = 16, Maximum = 16L << 20,
        },
        new("verify.pattern", SettingType.Text, "For kind logPattern: the regular expression awaited in the instances' logs.")
        {
            Rule = TextRule.RegularExpression,
        },
        new("verify.deadlineSeconds", SettingType.Integer, "After so many seconds Verify gives up.")
        {
            Default = 900L, Minimum = 1, Maximum = 7 * 24 * 3600,
        },

        new("azure.subscription", SettingType.Text, "Subscription id: az account list -o table.")
        {
            Example = "PASTE_SUBSCRIPTION_ID_HERE", Rule = TextRule.SubscriptionId, RequiredOn = OnAks, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.location", SettingType.Text, "Region of everything that is made.")
        {
            Default = "eastus", Rule = TextRule.Location, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.resourceGroup", SettingType.Text, "Resource group; made when it is missing.")
        {
            Example = "xyz-group", Rule = TextRule.ResourceGroup, RequiredOn = OnAks, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.tags", SettingType.Text, "Further tags of everything that is made, as key=value,key=value; null for none.")
        {
            Rule = TextRule.Tags, UsedOn = OnAks,
        },
        new("azure.storage.account", SettingType.Text, "Storage account of the log share; the name is unique in all of Azure.")
        {
            Example = "xyzstorage", Rule = TextRule.StorageAccount, RequiredOn = OnAks, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.storage.share", SettingType.Text, "Azure Files share for the logs.")
        {
            Default = "ambrosia-logs-smbshare", Rule = TextRule.Share, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.storage.quotaGiB", SettingType.Integer, "Size limit of the share in GiB.")
        {
            Default = 80L, Minimum = 1, Maximum = 102_400, UsedOn = OnAks,
        },
        new("azure.storage.sku", SettingType.Text, "Redundancy of the storage account.")
        {
            Default = "Standard_LRS",
            Allowed =
            [
                "Standard_LRS", "Standard_ZRS", "Standard_GRS", "Standard_GZRS", "Standard_RAGRS", "Standard_RAGZRS", "Premium_LRS", "Premium_ZRS",
            ],
            UsedOn = OnAks,
        },
        new("azure.storage.accessTier", SettingType.Text, "Access tier of the storage account.")
        {
            Default = "Hot", Allowed = ["Hot", "Cool", "Cold"], UsedOn = OnAks,
        },
        new("azure.storage.kind", SettingType.Text, "Log store: a file share, or one premium disk per instance (needs no storage key).")
        {
            Default = "fileShare", Allowed = ["fileShare", "disk"], UsedOn = OnAks,
        },
        new("azure.registry.name", SettingType.Text, "Container registry; the name is unique in all of Azure. Not needed with images.public.")
        {
            Example = "xyzcontainerreg", Rule = TextRule.Registry, RequiredOn = OnAks, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.registry.sku", SettingType.Text, "Service tier of the registry.")
        {
            Default = "Standard", Allowed = ["Basic", "Standard", "Premium"], UsedOn = OnAks,
        },
        new("azure.registry.auth", SettingType.Text, "How the cluster pulls: its managed identity, a repository-scoped token, or a service principal.")
        {
            Default = "managedIdentity", Allowed = ["managedIdentity", "token", "servicePrincipal"], UsedOn = OnAks,
        },
        new("azure.registry.servicePrincipalName", SettingType.Text, "For auth servicePrincipal: its display name; null for <serviceName>-pull.")
        {
            Rule = TextRule.NotEmpty, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.cluster.name", SettingType.Text, "AKS cluster; made when it is missing.")
        {
            Example = "xyz-cluster", Rule = TextRule.Cluster, RequiredOn = OnAks, UsedOn = OnAks, IsUserChosen = true,
        },
        new("azure.cluster.vmSize", SettingType.Text, "Size of the nodes.")
        {
            Default = "Standard_D2s_v5", Rule = TextRule.VmSize, UsedOn = OnAks,
        },
        new("azure.cluster.nodeCount", SettingType.Integer, "Number of nodes.")
        {
            Default = 2L, Minimum = 1, Maximum = 1000, UsedOn = OnAks,
        },
    ];

    /// <summary>The keys of one element of <c>instances</c>.</summary>
    public static readonly IReadOnlyList<SettingKey> OfInstance =
    [
        new("name", SettingType.Text, "Name of the instance, known to its peers.") { Rule = TextRule.InstanceName, IsAlwaysRequired = true },
        new(
            "command",
            SettingType.TextList,
            "Executable and arguments. Filled in at the start: {receivePort}, {sendPort} (named from the coordinator's side), {rounds}, {roundBytes}, {maxMessageBytes}.")
        {
            IsAlwaysRequired = true,
        },
        new("ports.coordinator", SettingType.Integer, "Port for the peers, in pods; on local the system chooses ports.")
        {
            Default = 21500L, Minimum = 1, Maximum = 65535,
        },
        new("ports.receive", SettingType.Integer, "Port on which the coordinator receives from the app, in pods.")
        {
            Default = 21001L, Minimum = 1, Maximum = 65535,
        },
        new("ports.send", SettingType.Integer, "Port on which the coordinator sends to the app, in pods.")
        {
            Default = 21002L, Minimum = 1, Maximum = 65535,
        },
        new("stateVersion", SettingType.Integer, "Raise it when replayed messages would mean something else.")
        {
            Default = 1L, Minimum = 0, Maximum = int.MaxValue,
        },
        new("triggerSizeMiB", SettingType.Integer, "Log size in MiB at which a checkpoint is taken.")
        {
            Default = 256L, Minimum = 1, Maximum = 1 << 20,
        },
    ];

    /// <summary>What a command may contain, to be filled in at the start.</summary>
    public static readonly IReadOnlyList<string> CommandStandIns = ["{receivePort}", "{sendPort}", "{rounds}", "{roundBytes}", "{maxMessageBytes}"];

    public static SettingKey Get(string path) => All.First(key => key.Path == path);
}
