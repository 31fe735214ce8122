using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Settings;

public sealed class SettingsLoaderTests
{
    private const string Subscription = "01234567-89ab-cdef-0123-456789abcdef";

    private static string Template => CheckoutFile.Read("AmbrosiaAKSConf.json.template");

    private static string FilledTemplate => Template
        .Replace("PASTE_SUBSCRIPTION_ID_HERE", Subscription, StringComparison.Ordinal)
        .Replace("\"xyz", "\"abc", StringComparison.Ordinal);

    [Test]
    public void Without_a_file_the_platform_is_local_with_the_performance_test()
    {
        var settings = Load.Nothing();
        Assert.Multiple(() =>
        {
            Assert.That(settings.Platform, Is.EqualTo(PlatformKind.Local));
            Assert.That(settings.PlatformReason, Is.EqualTo("no AmbrosiaAKSConf.json"));
            Assert.That(settings.ServiceName, Is.EqualTo("perftest"));
            Assert.That(settings.LogDirectory, Is.EqualTo("/ambrosia_logs"));
            Assert.That(settings.Runtime, Is.EqualTo(RuntimeKind.Own));
            Assert.That(settings.Verify.Kind, Is.EqualTo(VerifyKind.PerformanceTest));
            Assert.That(settings.Verify.Rounds, Is.EqualTo(6));
            Assert.That(settings.Verify.RoundBytes, Is.EqualTo(268435456));
            Assert.That(settings.Verify.MaxMessageBytes, Is.EqualTo(65536));
            Assert.That(settings.Verify.ExpectedBytes, Is.EqualTo(1610612736));
            Assert.That(settings.Azure, Is.Null);
            Assert.That(settings.Instances.Select(instance => instance.Name), Is.EqualTo(new[] { "perftestserver", "perftestclient" }));
            Assert.That(
                string.Join(' ', settings.Instances[0].Command),
                Is.EqualTo("Server --sp {receivePort} --rp {sendPort} -j perftestclient -s perftestserver -n 1 -c"));
            Assert.That(
                string.Join(' ', settings.Instances[1].Command),
                Is.EqualTo(
                    "Job --sp {receivePort} --rp {sendPort} -j perftestclient -s perftestserver --mms {maxMessageBytes} -n {rounds} --round-bytes {roundBytes} -c"));
            Assert.That(
                settings.Instances.Select(instance => (instance.CoordinatorPort, instance.ReceivePort, instance.SendPort)),
                Is.All.EqualTo((21500, 21001, 21002)));
        });
    }

    [Test]
    public void The_template_is_ready_after_the_two_changes_it_asks_for()
    {
        var settings = Load.Text(FilledTemplate);
        Assert.Multiple(() =>
        {
            Assert.That(settings.Platform, Is.EqualTo(PlatformKind.Aks));
            Assert.That(settings.PlatformReason, Is.EqualTo("platform in AmbrosiaAKSConf.json"));
            Assert.That(settings.Verify.ExpectedBytes, Is.EqualTo(6L * 64 * 1024 * 1024));
            Assert.That(settings.Azure!.Tags, Is.Empty);
            Assert.That(settings.Azure, Is.EqualTo(new AzureSettings(
                Subscription,
                "eastus",
                "abc-group",
                settings.Azure.Tags,
                new AzureStorageSettings("abcstorage", "ambrosia-logs-smbshare", 80, "Standard_LRS", "Hot", "fileShare"),
                new AzureRegistrySettings("abccontainerreg", "Standard", "managedIdentity", null),
                new AzureClusterSettings("abc-cluster", "Standard_D2s_v5", 2))));
            Assert.That(settings.Kubernetes, Is.EqualTo(new KubernetesSettings(
                null, null, "ambrosia", null, 16, null, null, null, "acr-auth-secret", "azure-fileshare-secret")));
            Assert.That(settings.Images, Is.EqualTo(new ImageSettings("app", "app/Dockerfile", "linux/amd64", null, null)));
        });
    }

    [Test]
    public void The_template_as_it_is_names_every_placeholder() =>
        Golden.Verify("Settings/Golden/placeholders.txt", Load.Failure(() => Load.Text(Template)).Message + "\n");

    [Test]
    public void The_template_as_it_is_serves_local()
    {
        var settings = Load.Text(Template, platform: "local");
        Assert.That(settings.PlatformReason, Is.EqualTo("--platform"));
        Assert.That(settings.Azure, Is.Null);
    }

    [Test]
    public void Every_problem_is_reported_at_once()
    {
        const string text = """
            {
              "platform": "akz", // a typo
              "serviceName": 7,
              "Verify": {},
              "verify": { "rounds": 0, "rounds": 1, "roundBytes": 100000, "deadlineSeconds": "60", "maxMessageBytes": 48, },
              "instances": [
                {
                  "name": "a",
                  "command": ["Server", "--sp", "{recievePort}"],
                  "ports": { "coordinator": 80, "receive": 80, "send": 70000 },
                },
                { "name": "worker", "comand": [], "ports": 5 },
                "third",
                { "name": "Worker", "command": [] },
              ],
              "images": { "context": "../app", "platform": "linux/arm" },
              "kubernetes": { "secrets": { "pul": "x" }, "namespace": "Upper" },
              "azure": {
                "subscripton": "x",
                "account": "x",
                "location": "East US",
                "storage": { "account": "no-hyphens", "share": "a--b", "quotaGiB": 1.5, "sku": "standard_lrs", "accessTier": null },
                "registry": { "name": "abcd" },
                "resourceGroup": "ends.",
                "cluster": { "name": "-c", "vmSize": "big", "nodeCount": 99999999999999999999 }
              },
            }
            """;
        Golden.Verify("Settings/Golden/problems.txt", Load.Failure(() => Load.Text(text)).Message + "\n");
    }

    [TestCase("""{ "requests": { "cpu": "2", "memory": "1.5Gi" }, "limits": { "cpu": "2000m", "memory": "1610612736" } }""")]
    [TestCase("""{ "limits": { "cpu": "0.1", "memory": "300M" } }""")]
    public void Quantities_of_Kubernetes_are_taken(string resources) => Assert.That(
        Load.Text($$"""{ "platform": "local", "kubernetes": { "resources": {{resources}} } }""").Kubernetes.Resources, Is.Not.EqualTo(PodResources.Default));

    [TestCase("""{ "requests": { "cpu": "many" } }""", "1:76: AMB1013 kubernetes.resources.requests.cpu is \"many\"; allowed: a text with processors such as 500m, 0.5 or 2")]
    [TestCase("""{ "requests": { "cpu": "1Gi" } }""", "1:76: AMB1013 kubernetes.resources.requests.cpu is \"1Gi\"; allowed: a text with processors such as 500m, 0.5 or 2")]
    [TestCase("""{ "limits": { "cpu": "0" } }""", "1:74: AMB1013 kubernetes.resources.limits.cpu is \"0\"; allowed: a text with processors such as 500m, 0.5 or 2")]
    [TestCase("""{ "limits": { "memory": "4g" } }""", "1:77: AMB1013 kubernetes.resources.limits.memory is \"4g\"; allowed: a text with bytes and their unit such as 256Mi or 4Gi")]
    [TestCase("""{ "limits": { "memory": "500m" } }""", "1:77: AMB1013 kubernetes.resources.limits.memory is \"500m\"; allowed: a text with bytes and their unit such as 256Mi or 4Gi")]
    [TestCase("""{ "limits": { "memory": "256M" } }""", "1:77: AMB1013 kubernetes.resources.limits.memory is \"256M\"; allowed: kubernetes.resources.requests.memory (256Mi) or more")]
    [TestCase("""{ "requests": { "cpu": "2" }, "limits": { "cpu": "1500m" } }""", "1:102: AMB1013 kubernetes.resources.limits.cpu is \"1500m\"; allowed: kubernetes.resources.requests.cpu (2) or more")]
    public void Other_quantities_and_limits_below_their_requests_are_refused_with_their_place(string resources, string problem) => Assert.That(
        Load.Problems($$"""{ "platform": "local", "kubernetes": { "resources": {{resources}} } }"""), Is.EqualTo(new[] { problem }));

    [TestCase("", "1:1: AMB1011 is empty; allowed: an object, { ... }")]
    [TestCase("// nothing\n", "1:1: AMB1011 is empty; allowed: an object, { ... }")]
    [TestCase("[]", "1:1: AMB1011 holds a list; allowed: an object, { ... }")]
    [TestCase("{\n  \"platform\": ,\n}", "2:15: AMB1011 is not JSON: A value is missing.")]
    [TestCase("{\n  \"platform\": \"local\"", "2:22: AMB1011 is not JSON: The file ends in the middle of an object or list.")]
    [TestCase("{ \"platform\" \"local\" }", "1:14: AMB1011 is not JSON: Invalid character after parsing property name. Expected ':' but got: \".")]
    [TestCase("{ \"platform\": local }", "1:15: AMB1011 is not JSON: Unexpected character encountered while parsing value: l.")]
    [TestCase("{ \"platform\": \"local\" } {}", "1:25: AMB1011 is not JSON: Additional text encountered after finished reading JSON content: {.")]
    public void Text_that_is_not_json_is_refused_with_its_place(string text, string problem) =>
        Assert.That(Load.Problems(text), Is.EqualTo(new[] { problem }));

    [Test]
    public void Columns_count_from_one_in_every_line_ending_and_behind_comments()
    {
        Assert.That(
            Load.Problems("{\r\n  \"platform\": /* why */ \"x\",\r  \"verify\":\n    { \"rounds\":\t-1 } }"),
            Is.EqualTo(new[]
            {
                "2:25: AMB1013 platform is \"x\"; allowed: local, kubernetes, aks",
                "4:17: AMB1013 verify.rounds is -1; allowed: a whole number from 1 to 10000",
            }));
    }

    [Test]
    public void A_file_must_name_the_platform()
    {
        Assert.That(
            Load.Problems("{ \"serviceName\": \"x\" }"),
            Is.EqualTo(new[] { "1:1: AMB1013 platform is missing; put local, kubernetes, aks, here or in AMBROSIA_PLATFORM" }));
        Assert.That(Load.Text("{}", platform: "local").Platform, Is.EqualTo(PlatformKind.Local));
        Assert.That(Load.Text("{}", null, ("AMBROSIA_PLATFORM", "local")).PlatformReason, Is.EqualTo("AMBROSIA_PLATFORM"));
    }

    [Test]
    public void The_argument_beats_the_environment_which_beats_the_file()
    {
        const string text = "{ \"platform\": \"aks\" }";
        Assert.That(Load.Text(text, null, ("AMBROSIA_PLATFORM", "local")).Platform, Is.EqualTo(PlatformKind.Local));
        Assert.That(Load.Text(text, "local", ("AMBROSIA_PLATFORM", "aks")).Platform, Is.EqualTo(PlatformKind.Local));
    }

    [Test]
    public void An_unknown_platform_argument_is_refused_with_the_nearest()
    {
        var failure = Load.Failure(() => Load.Nothing("kubernets"));
        Assert.That(failure.Code, Is.EqualTo(ErrorCode.InvalidArgumentValue));
        Assert.That(failure.Message, Is.EqualTo("AMB1003: --platform=kubernets is not known; allowed: local, kubernetes, aks.\n  fix:    --platform=kubernetes"));
    }

    [Test]
    public void Kubernetes_needs_a_context()
    {
        Assert.That(
            Load.Problems("{ \"platform\": \"kubernetes\", \"kubernetes\": { \"namespace\": \"mine\" } }"),
            Is.EqualTo(new[] { "1:43: AMB1013 kubernetes.context is missing; put a name that kubectl config get-contexts lists, here or in AMBROSIA_KUBERNETES_CONTEXT" }));
        var settings = Load.Nothing("kubernetes", ("AMBROSIA_KUBERNETES_CONTEXT", "kind-kind"));
        Assert.That(settings.Kubernetes.Context, Is.EqualTo("kind-kind"));
        Assert.That(settings.Verify.RoundBytes, Is.EqualTo(64 << 20));
    }

    [Test]
    public void Microsofts_runtime_is_refused_where_there_is_no_image_to_put_it_into()
    {
        Assert.That(
            Load.Problems("{ \"platform\": \"local\", \"runtime\": \"ambrosia\" }"),
            Is.EqualTo(new[] { "1:35: AMB1013 runtime is \"ambrosia\"; allowed: own on platform local, ambrosia on kubernetes and aks alone" }));
        var kubernetes = Load.Text("{ \"platform\": \"kubernetes\", \"runtime\": \"ambrosia\", \"kubernetes\": { \"context\": \"kind-kind\" } }");
        Assert.That(kubernetes.Runtime, Is.EqualTo(RuntimeKind.Ambrosia));
    }

    [Test]
    public void A_public_image_needs_no_registry()
    {
        var text = FilledTemplate
            .Replace("\"public\": null", "\"public\": \"ambrosia/ambrosia-perftest\"", StringComparison.Ordinal)
            .Replace("\"name\": \"abccontainerreg\"", "\"name\": null", StringComparison.Ordinal);
        Assert.That(Load.Text(text).Images.Public, Is.EqualTo("ambrosia/ambrosia-perftest"));
    }

    [Test]
    public void Aks_can_be_described_by_the_environment_alone()
    {
        var settings = Load.Nothing(
            "aks",
            ("AMBROSIA_AZURE_SUBSCRIPTION", Subscription),
            ("AMBROSIA_AZURE_RESOURCE_GROUP", "group"),
            ("AMBROSIA_AZURE_STORAGE_ACCOUNT", "storage1"),
            ("AMBROSIA_AZURE_STORAGE_QUOTA_GIB", "100"),
            ("AMBROSIA_AZURE_REGISTRY_NAME", "registry1"),
            ("AMBROSIA_AZURE_CLUSTER_NAME", "cluster"));
        Assert.That(settings.Azure!.Storage.QuotaGiB, Is.EqualTo(100));
        Assert.That(settings.Azure.ResourceGroup, Is.EqualTo("group"));
    }

    [Test]
    public void The_environment_replaces_a_placeholder_and_is_itself_checked()
    {
        Assert.That(
            Load.Problems(
                FilledTemplate.Replace(Subscription, "PASTE_SUBSCRIPTION_ID_HERE", StringComparison.Ordinal),
                null,
                ("AMBROSIA_AZURE_SUBSCRIPTION", Subscription),
                ("AMBROSIA_AZURE_STORAGE_QUOTA_GIB", "many"),
                ("AMBROSIA_AZURE_STORAGE_QOUTA_GIB", "1"),
                ("AMBROSIA_PLATFROM", "local"),
                ("AMBROSIA_INSTANCES_NAME", "x"),
                ("AMBROSIA_AZURE_LOCATION", ""),
                ("AMBROSIA_VERIFY_ROUNDS", "0"),
                ("AMBROSIA_COORDINATOR_PID", "17"),
                ("AMBROSIA_LOGDIR", "/x")),
            Is.EqualTo(new[]
            {
                "environment: AMB1012 unknown variable AMBROSIA_AZURE_STORAGE_QOUTA_GIB; did you mean AMBROSIA_AZURE_STORAGE_QUOTA_GIB?",
                "environment: AMB1013 AMBROSIA_AZURE_STORAGE_QUOTA_GIB is the text \"many\"; allowed: a whole number from 1 to 102400",
                "environment: AMB1012 unknown variable AMBROSIA_INSTANCES_NAME; instances can be set in the file alone",
                "environment: AMB1012 unknown variable AMBROSIA_PLATFROM; did you mean AMBROSIA_PLATFORM?",
                "environment: AMB1013 verify.rounds is 0; allowed: a whole number from 1 to 10000",
            }));
    }

    [TestCase("\"roundBytes\": 65537", "1:50: AMB1013 verify.roundBytes is 65537; allowed: a roundBytes (65537) that is a multiple of maxMessageBytes (65536)")]
    [TestCase("\"roundBytes\": 32768", "1:50: AMB1013 verify.roundBytes is 32768; allowed: a roundBytes (32768) that is a multiple of maxMessageBytes (65536)")]
    [TestCase("\"maxMessageBytes\": 8", "1:55: AMB1013 verify.maxMessageBytes is 8; allowed: a whole number from 16 to 16777216")]
    [TestCase("\"maxMessageBytes\": 48", "1:55: AMB1013 verify.maxMessageBytes is 48; allowed: a power of two from 16 to 16777216")]
    [TestCase("\"kind\": \"logPattern\"", "1:34: AMB1013 verify.pattern is missing; put a .NET regular expression, here or in AMBROSIA_VERIFY_PATTERN")]
    [TestCase("\"pattern\": \"a(b\"", "1:47: AMB1013 verify.pattern is \"a(b\"; allowed: a .NET regular expression (Invalid pattern 'a(b' at offset 3. Not enough )'s.)")]
    [TestCase("\"kind\": \"performancetest\"", "1:44: AMB1013 verify.kind is \"performancetest\"; allowed: performanceTest, logPattern, none; did you mean performanceTest?")]
    public void Verify_is_checked(string verify, string problem) =>
        Assert.That(Load.Problems($$"""{ "platform": "local", "verify": { {{verify}} } }"""), Is.EqualTo(new[] { problem }));

    [TestCase(16, 16)]
    [TestCase(65536, 65536)]
    [TestCase(16777216, 33554432)]
    public void Sizes_that_fit_are_taken(int maxMessageBytes, long roundBytes)
    {
        var settings = Load.Text($$"""{ "platform": "local", "verify": { "maxMessageBytes": {{maxMessageBytes}}, "roundBytes": {{roundBytes}} } }""");
        Assert.That((settings.Verify.MaxMessageBytes, settings.Verify.RoundBytes), Is.EqualTo((maxMessageBytes, roundBytes)));
    }

    [Test]
    public void Another_service_is_described_by_its_instances()
    {
        var settings = Load.Text("""
            {
              "platform": "local",
              "instances": [ { "name": "hello", "command": ["Hello", "{mine}", "xyz"], "stateVersion": 3, "triggerSizeMiB": 5,
                               "ports": { "coordinator": 1, "receive": 2, "send": 65535 } } ],
              "verify": { "kind": "logPattern", "pattern": "^Hello", "deadlineSeconds": 5 },
            }
            """);
        Assert.Multiple(() =>
        {
            Assert.That(settings.Instances, Has.Count.EqualTo(1));
            Assert.That(settings.Instances[0].Command, Is.EqualTo(new[] { "Hello", "{mine}", "xyz" }));
            Assert.That(settings.Instances[0] with { Command = [] }, Is.EqualTo(new InstanceSettings("hello", [], 1, 2, 65535, 3, 5)));
            Assert.That(settings.Verify.Pattern, Is.EqualTo("^Hello"));
            Assert.That(settings.Verify.Deadline, Is.EqualTo(TimeSpan.FromSeconds(5)));
        });
    }

    [Test]
    public void A_performance_test_has_two_instances() =>
        Assert.That(
            Load.Problems("""{ "platform": "local", "instances": [ { "name": "one", "command": ["Server"] } ] }"""),
            Is.EqualTo(new[] { "1:37: AMB1013 instances has 1; allowed: for verify.kind performanceTest two, the server and then the job" }));

    [TestCase("azure.storage.account", "ab", false)]
    [TestCase("azure.storage.account", "abc", true)]
    [TestCase("azure.storage.account", "abcdefghijklmnopqrstuvwx", true)]
    [TestCase("azure.storage.account", "abcdefghijklmnopqrstuvwxy", false)]
    [TestCase("azure.storage.account", "Abc", false)]
    [TestCase("azure.storage.account", "abc\n", false)]
    [TestCase("azure.registry.name", "abcd", false)]
    [TestCase("azure.registry.name", "ABCde", true)]
    [TestCase("azure.registry.name", "abc-de", false)]
    [TestCase("azure.resourceGroup", "a.b_(c)-d", true)]
    [TestCase("azure.resourceGroup", "a.", false)]
    [TestCase("azure.cluster.name", "a", true)]
    [TestCase("azure.cluster.name", "a-", false)]
    [TestCase("azure.storage.share", "a-b", true)]
    [TestCase("azure.storage.share", "ab", false)]
    [TestCase("azure.storage.share", "a--b", false)]
    [TestCase("azure.subscription", Subscription, true)]
    [TestCase("azure.subscription", "0123", false)]
    [TestCase("kubernetes.namespace", "a-1", true)]
    [TestCase("kubernetes.namespace", "1a", false)]
    [TestCase("serviceName", "perf_test", false)]
    [TestCase("logDirectory", "/a/b", true)]
    [TestCase("logDirectory", "a/b", false)]
    [TestCase("logDirectory", "/", false)]
    [TestCase("logDirectory", "/a:b", false)]
    [TestCase("images.context", "../x", false)]
    [TestCase("images.context", "..x/y", true)]
    [TestCase("images.context", ".", true)]
    [TestCase("images.public", "ambrosia/ambrosia-perftest", true)]
    [TestCase("images.public", "a b", false)]
    [TestCase("kubernetes.registry", "https://r", false)]
    [TestCase("kubernetes.registry", "localhost:5000/team", true)]
    [TestCase("kubernetes.pullRegistry", "http://kind-registry:5000", false)]
    [TestCase("kubernetes.pullRegistry", "kind-registry:5000", true)]
    public void Names_follow_the_rules_of_the_system_that_keeps_them(string path, string name, bool isAllowed)
    {
        var key = SettingKeys.Get(path);
        Assert.That(ValueCheck.Of(key, new SettingValue(name, "here"), PlatformKind.Aks, ""), isAllowed ? Is.Null : Is.Not.Null);
    }

    [TestCase("\"registry\": \"localhost:5000/team\", ", "reg:5000/team", "reg:5000 alone: the path of kubernetes.registry stays")]
    [TestCase("", "reg:5000", "it only together with kubernetes.registry: set that too, or leave this out")]
    public void Another_name_for_pulling_is_one_of_the_registry_s_host(string registry, string pullRegistry, string allowed) => Assert.That(
        Load.Problems($$"""{ "platform": "kubernetes", "kubernetes": { "context": "c", {{registry}}"pullRegistry": "{{pullRegistry}}" } }""").Single(),
        Does.EndWith($"AMB1013 kubernetes.pullRegistry is \"{pullRegistry}\"; allowed: {allowed}"));

    [TestCase("""{ "platform": "kubernetes", "kubernetes": { "contxt": "c" } }""", "1:45: AMB1012 unknown key kubernetes.contxt; did you mean kubernetes.context?")]
    [TestCase("""{ "platform": "kubernetes", "kubernets": { "context": "c" } }""", "1:29: AMB1012 unknown key kubernets; did you mean kubernetes?")]
    [TestCase("""{ "platfrom": "kubernetes", "kubernetes": { "context": "c" } }""", "1:3: AMB1012 unknown key platfrom; did you mean platform?")]
    [TestCase("""{ "platform": "kubernetes", "kubernetes": { "context": "c", "registy": "r", "registryUser": "me" } }""", "1:61: AMB1012 unknown key kubernetes.registy; did you mean kubernetes.registry?")]
    public void A_mistyped_key_is_not_also_missing(string text, string problem) => Assert.That(Load.Problems(text).Single(), Does.EndWith(problem));

    [Test]
    public void A_user_of_no_registry_is_a_mistake() => Assert.That(
        Load.Problems("""{ "platform": "kubernetes", "kubernetes": { "context": "c", "registryUser": "me" } }""").Single(),
        Does.EndWith("AMB1013 kubernetes.registryUser is \"me\"; allowed: it only together with kubernetes.registry: set that too, or leave this out"));

    [TestCase("localhost:5000/team", "reg:5000")]
    [TestCase("registry.example", "registry.example/proxy")]
    public void A_name_for_pulling_may_have_a_path_where_the_registry_has_none(string registry, string pullRegistry) => Assert.That(
        Load.Text($$"""{ "platform": "kubernetes", "kubernetes": { "context": "c", "registry": "{{registry}}", "pullRegistry": "{{pullRegistry}}" } }""").Kubernetes.PullRegistry,
        Is.EqualTo(pullRegistry));

    [Test]
    public void Every_default_obeys_its_own_rule()
    {
        foreach (var key in SettingKeys.All.Concat(SettingKeys.OfInstance).Where(key => key.Default is not null))
            Assert.That(ValueCheck.Of(key, new SettingValue(key.Default!, "default"), PlatformKind.Aks, ""), Is.Null, key.Path);
    }
}
