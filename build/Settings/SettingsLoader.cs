using System.Globalization;
using System.Numerics;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using k8s.Models;

namespace Ambrosia.Build.Settings;

/// <summary>File, environment and --platform to settings: a pure function that reports every problem at once.</summary>
internal sealed class SettingsLoader
{
    private const long LocalRoundBytes = 256L << 20;
    private const long ClusterRoundBytes = 64L << 20;
    private const string OnlyWithRegistry = "it only together with kubernetes.registry: set that too, or leave this out";

    private readonly SettingsSource _source;
    private readonly List<ConfigurationProblem> _problems = [];
    private readonly ConfigurationBinder _binder;
    private ConfigurationObject? _document;
    private SettingValues _values = new(SettingKeys.All);

    private SettingsLoader(SettingsSource source)
    {
        _source = source;
        _binder = new ConfigurationBinder(source.File ?? "", _problems);
    }

    /// <exception cref="BuildException">AMB1003 for --platform, AMB1011 to AMB1014 for the configuration.</exception>
    public static BuildSettings Load(SettingsSource source) => new SettingsLoader(source).Load();

    private BuildSettings Load()
    {
        CheckPlatformArgument(_source.Platform);
        if (_source is { File: { } file, Text: { } text })
        {
            _document = ConfigurationReader.Read(file, text, _problems);
            if (_document is null)
                throw ConfigurationProblem.ToException(_problems);
            _values = _binder.Bind(_document, SettingKeys.All, "");
        }

        EnvironmentOverrides.Apply(_source.Environment, _values, _problems);
        var (platform, reason) = ChoosePlatform();
        var instances = _values.TryGet("instances", out var list)
            ? new InstanceBinder(_binder, _problems).Bind((IReadOnlyList<ConfigurationNode>)list.Value)
            : DefaultInstances.All;
        CheckValues(platform);
        if (platform is { } chosen)
            CheckRequired(chosen);
        CheckRuntime(platform);
        CheckPullRegistry(platform);
        CheckRegistryUser(platform);
        CheckLimit("cpu", TextRule.Cpu);
        CheckLimit("memory", TextRule.Memory);
        var verify = Verify(platform, instances.Count);
        if (_problems.Count > 0)
            throw ConfigurationProblem.ToException([.. _problems.OrderBy(problem => problem.Where, Comparer<string>.Create(ComparePlaces))]);
        return Build(platform!.Value, reason, instances, verify);
    }

    /// <summary>Places in the order of the file, what comes from outside last.</summary>
    private static int ComparePlaces(string a, string b)
    {
        return Place(a).CompareTo(Place(b));

        static (int Line, int Column) Place(string where)
        {
            var parts = where.Split(':');
            return parts.Length >= 3
                && int.TryParse(parts[^2], CultureInfo.InvariantCulture, out var line)
                && int.TryParse(parts[^1], CultureInfo.InvariantCulture, out var column)
                ? (line, column)
                : (int.MaxValue, 0);
        }
    }

    private static void CheckPlatformArgument(string? platform)
    {
        if (platform is null || SettingKeys.Platforms.ContainsKey(platform))
            return;
        var nearest = NearestName.Of(platform, SettingKeys.Platforms.Keys);
        throw new BuildException(
            ErrorCode.InvalidArgumentValue,
            $"--platform={platform} is not known; allowed: {string.Join(", ", SettingKeys.Platforms.Keys)}.",
            remedy: nearest is null ? null : $"--platform={nearest}");
    }

    private (PlatformKind? Platform, string Reason) ChoosePlatform()
    {
        if (_source.Platform is { } argument)
            return (SettingKeys.Platforms[argument], "--platform");
        var key = SettingKeys.Get("platform");
        if (_values.TryGet(key.Path, out var given))
        {
            var isOverride = !string.IsNullOrEmpty(_source.Environment.GetValueOrDefault(key.EnvironmentVariable));
            var reason = isOverride ? key.EnvironmentVariable : "platform in " + Path.GetFileName(_source.File);
            return SettingKeys.Platforms.TryGetValue((string)given.Value, out var platform) ? (platform, reason) : (null, "");
        }

        if (_source.File is null)
            return (PlatformKind.Local, "no AmbrosiaAKSConf.json");

        // Not guessed: a forgotten key must neither buy a cluster nor quietly stay at home.
        if (!_document!.Properties.Any(property => property.Name == key.Path))
            Missing(key);
        return (null, "");
    }

    private void CheckValues(PlatformKind? platform)
    {
        foreach (var key in SettingKeys.All)
        {
            if (_values.TryGet(key.Path, out var value) && ValueCheck.Of(key, value, platform, "") is { } problem)
                _problems.Add(problem);
        }
    }

    private void CheckRequired(PlatformKind platform)
    {
        var hasPublicImage = _values.OptionalText("images.public") is not null;
        foreach (var key in SettingKeys.All.Where(key => key.RequiredOn.Contains(platform)))
        {
            if (!_values.TryGet(key.Path, out _) && !IsGiven(key.Path) && !(hasPublicImage && key.Path == "azure.registry.name"))
                Missing(key);
        }
    }

    private void CheckRuntime(PlatformKind? platform)
    {
        if (platform == PlatformKind.Local && _values.TryGet("runtime", out var runtime) && runtime.Value is "ambrosia")
        {
            _problems.Add(new ConfigurationProblem(
                ErrorCode.ConfigurationInvalidValue,
                runtime.Where,
                "runtime is \"ambrosia\"; allowed: own on platform local, ambrosia on kubernetes and aks alone"));
        }
    }

    /// <summary>It stands for the registry's host, whose path stays behind it; a path of its own, such as a proxy's, comes before that.</summary>
    private void CheckPullRegistry(PlatformKind? platform)
    {
        if (platform != PlatformKind.Kubernetes || !_values.TryGet("kubernetes.pullRegistry", out var given) || given.Value is not string onNodes)
            return;
        var allowed = _values.OptionalText("kubernetes.registry") switch
        {
            null => IsGiven("kubernetes.registry") || _values.OptionalText("images.public") is not null ? null : OnlyWithRegistry,
            var registry when registry.Contains('/', StringComparison.Ordinal) && onNodes.Contains('/', StringComparison.Ordinal) =>
                $"{onNodes.Split('/')[0]} alone: the path of kubernetes.registry stays",
            _ => null,
        };
        if (allowed is not null)
            NotAllowed("kubernetes.pullRegistry", given, allowed);
    }

    /// <summary>A user of no registry would be left out without a word, and its private image could not be pulled.</summary>
    private void CheckRegistryUser(PlatformKind? platform)
    {
        var hasRegistry = IsGiven("kubernetes.registry") || _values.OptionalText("kubernetes.registry") is not null;
        if (platform == PlatformKind.Kubernetes && !hasRegistry && _values.TryGet("kubernetes.registryUser", out var given))
            NotAllowed("kubernetes.registryUser", given, OnlyWithRegistry);
    }

    /// <summary>The server refuses a pod whose limit is below its request, but only when the pod is made.</summary>
    private void CheckLimit(string resource, TextRule rule)
    {
        var path = $"kubernetes.resources.limits.{resource}";
        var requestPath = $"kubernetes.resources.requests.{resource}";
        var request = _values.Text(requestPath);
        if (!_values.TryGet(path, out var given) || given.Value is not string limit || rule.Violation(limit) is not null || rule.Violation(request) is not null)
            return;
        if (new ResourceQuantity(limit).ToDecimal() < new ResourceQuantity(request).ToDecimal())
            NotAllowed(path, given, $"{requestPath} ({request}) or more");
    }

    private void NotAllowed(string path, SettingValue given, string allowed) =>
        _problems.Add(new ConfigurationProblem(ErrorCode.ConfigurationInvalidValue, given.Where, $"{path} is \"{given.Value}\"; allowed: {allowed}"));

    /// <summary>Given, though perhaps wrongly, so that one mistake is not reported twice.</summary>
    private bool IsGiven(string path) => _binder.IsMeant(path) || Find(path) is { Below: "", Node: not ConfigurationValue { Value: null } };

    private void Missing(SettingKey key)
    {
        if (_binder.IsMeant(key.Path))
            return;
        var where = _document is null
            ? "no AmbrosiaAKSConf.json"
            : _binder.At(Find(key.Path).Node);
        _problems.Add(new ConfigurationProblem(
            ErrorCode.ConfigurationInvalidValue,
            where,
            _document is null
                ? $"{key.Path} is missing; put {key.AllowedText} into a copy of AmbrosiaAKSConf.json.template of that name, or into {key.EnvironmentVariable}"
                : $"{key.Path} is missing; put {key.AllowedText}, here or in {key.EnvironmentVariable}"));
    }

    /// <summary>The node of a path, or the innermost object on the way with what is missing below it.</summary>
    private (ConfigurationNode Node, string Below) Find(string path)
    {
        ConfigurationNode node = _document ?? new ConfigurationObject(1, 1, []);
        var names = path.Split('.');
        for (var i = 0; i < names.Length; i++)
        {
            var next = (node as ConfigurationObject)?.Properties.FirstOrDefault(property => property.Name == names[i]);
            if (next is null)
                return (node, string.Join('.', names[i..]));
            node = next.Value;
        }

        return (node, "");
    }

    private VerifySettings Verify(PlatformKind? platform, int instances)
    {
        var kind = SettingKeys.VerifyKinds.GetValueOrDefault(_values.Text("verify.kind"));
        var maxMessageBytes = _values.Integer("verify.maxMessageBytes");
        var roundBytes = _values.TryGet("verify.roundBytes", out var given)
            ? (long)given.Value
            : platform == PlatformKind.Local ? LocalRoundBytes : ClusterRoundBytes;
        if (kind == VerifyKind.PerformanceTest)
            CheckPerformanceTest(maxMessageBytes, roundBytes, instances);
        if (kind == VerifyKind.LogPattern && _values.OptionalText("verify.pattern") is null)
            Missing(SettingKeys.Get("verify.pattern"));
        return new VerifySettings
        {
            Kind = kind,
            Rounds = (int)Math.Clamp(_values.Integer("verify.rounds"), 0, int.MaxValue),
            RoundBytes = roundBytes,
            MaxMessageBytes = (int)Math.Clamp(maxMessageBytes, 0, int.MaxValue),
            Pattern = _values.OptionalText("verify.pattern"),
            Deadline = TimeSpan.FromSeconds(Math.Clamp(_values.Integer("verify.deadlineSeconds"), 0, int.MaxValue)),
        };
    }

    /// <summary>Sizes halve from round to round, so a round that holds whole messages of the first size holds whole ones of every size.</summary>
    private void CheckPerformanceTest(long maxMessageBytes, long roundBytes, int instances)
    {
        if (maxMessageBytes > 0 && !BitOperations.IsPow2(maxMessageBytes))
        {
            Invalid("verify.maxMessageBytes", maxMessageBytes, "a power of two from 16 to 16777216");
        }
        else if (maxMessageBytes >= 16 && roundBytes > 0 && roundBytes % maxMessageBytes != 0)
        {
            Invalid(
                _values.TryGet("verify.roundBytes", out _) ? "verify.roundBytes" : "verify.maxMessageBytes",
                _values.TryGet("verify.roundBytes", out _) ? roundBytes : maxMessageBytes,
                string.Create(CultureInfo.InvariantCulture, $"a roundBytes ({roundBytes}) that is a multiple of maxMessageBytes ({maxMessageBytes})"));
        }

        if (instances != 2 && _values.TryGet("instances", out var list))
        {
            _problems.Add(new ConfigurationProblem(
                ErrorCode.ConfigurationInvalidValue,
                list.Where,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"instances has {instances}; allowed: for verify.kind performanceTest two, the server and then the job")));
        }
    }

    private void Invalid(string path, long value, string allowed)
    {
        var where = _values.TryGet(path, out var given) ? given.Where : "default";
        _problems.Add(new ConfigurationProblem(
            ErrorCode.ConfigurationInvalidValue, where, string.Create(CultureInfo.InvariantCulture, $"{path} is {value}; allowed: {allowed}")));
    }

    private BuildSettings Build(PlatformKind platform, string reason, IReadOnlyList<InstanceSettings> instances, VerifySettings verify) => new()
    {
        Platform = platform,
        PlatformReason = reason,
        ServiceName = _values.Text("serviceName"),
        LogDirectory = _values.Text("logDirectory"),
        Runtime = SettingKeys.Runtimes[_values.Text("runtime")],
        Instances = instances,
        Verify = verify,
        Images = new ImageSettings(
            _values.Text("images.context"),
            _values.Text("images.dockerfile"),
            _values.Text("images.platform"),
            _values.OptionalText("images.public"),
            _values.OptionalText("images.base")),
        Kubernetes = new KubernetesSettings(
            _values.OptionalText("kubernetes.context"),
            _values.OptionalText("kubernetes.kubeconfig"),
            _values.Text("kubernetes.namespace"),
            _values.OptionalText("kubernetes.storageClass"),
            (int)_values.Integer("kubernetes.logSizeGiB"),
            _values.OptionalText("kubernetes.registry"),
            _values.OptionalText("kubernetes.registryUser"),
            RegistryPassword(),
            _values.Text("kubernetes.secrets.pull"),
            _values.Text("kubernetes.secrets.share"))
        {
            PullRegistry = _values.OptionalText("kubernetes.pullRegistry"),
            ImageLoader = _values.OptionalText("kubernetes.imageLoader"),
            Resources = new PodResources(
                _values.Text("kubernetes.resources.requests.cpu"),
                _values.Text("kubernetes.resources.requests.memory"),
                _values.OptionalText("kubernetes.resources.limits.cpu"),
                _values.OptionalText("kubernetes.resources.limits.memory")),
        },
        Azure = platform == PlatformKind.Aks ? BuildAzure() : null,
    };

    /// <summary>No key of the file, so that nobody writes it there.</summary>
    private string? RegistryPassword() =>
        _source.Environment.GetValueOrDefault(SettingKeys.RegistryPasswordVariable) is { Length: > 0 } password ? password : null;

    private Dictionary<string, string> Tags() =>
        (_values.OptionalText("azure.tags") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries)
            .Select(tag => tag.Split('=', 2))
            .DistinctBy(tag => tag[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(tag => tag[0], tag => tag[1], StringComparer.OrdinalIgnoreCase);

    private AzureSettings BuildAzure() => new(
        _values.Text("azure.subscription"),
        _values.Text("azure.location"),
        _values.Text("azure.resourceGroup"),
        Tags(),
        new AzureStorageSettings(
            _values.Text("azure.storage.account"),
            _values.Text("azure.storage.share"),
            (int)_values.Integer("azure.storage.quotaGiB"),
            _values.Text("azure.storage.sku"),
            _values.Text("azure.storage.accessTier"),
            _values.Text("azure.storage.kind")),
        new AzureRegistrySettings(
            _values.Text("azure.registry.name"),
            _values.Text("azure.registry.sku"),
            _values.Text("azure.registry.auth"),
            _values.OptionalText("azure.registry.servicePrincipalName")),
        new AzureClusterSettings(
            _values.Text("azure.cluster.name"), _values.Text("azure.cluster.vmSize"), (int)_values.Integer("azure.cluster.nodeCount")));
}
