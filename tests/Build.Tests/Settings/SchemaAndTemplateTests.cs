using Ambrosia.Build.Settings;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Settings;

public sealed class SchemaAndTemplateTests
{
    private const string TemplateFile = "AmbrosiaAKSConf.json.template";
    private const string SchemaFile = SettingKeys.SchemaPath;

    [Test]
    public void The_schema_file_is_what_the_keys_say() => Golden.Verify("../../" + SchemaFile, SettingsSchema.Generate());

    [Test]
    public void The_template_file_is_what_the_keys_say() => Golden.Verify("../../" + TemplateFile, SettingsTemplate.Generate());

    [Test]
    public void The_template_names_its_schema_by_a_path_that_leads_there()
    {
        var path = (string)Template()[SettingKeys.Schema]!;
        Assert.That(path, Is.EqualTo("build/Settings/AmbrosiaAKSConf.schema.json"));
        Assert.That(CheckoutFile.Read(path), Is.Not.Empty);
    }

    [Test]
    public void Every_key_is_in_the_template()
    {
        var template = Template();
        foreach (var key in SettingKeys.All)
            Assert.That(template.SelectToken(key.Path), Is.Not.Null, key.Path);
        foreach (var key in SettingKeys.OfInstance)
            Assert.That(template.SelectToken("instances[0]." + key.Path), Is.Not.Null, key.Path);
    }

    [Test]
    public async Task The_template_obeys_the_schema() => Assert.That(await ValidateAsync(Template()), Is.Empty);

    [TestCase("azure.subscription", "azure", "subscripton")]
    [TestCase("serviceName", "", "serviceNam")]
    [TestCase("instances[0].name", "instances[0]", "nam")]
    public async Task The_schema_refuses_a_mistyped_key(string original, string parent, string typo)
    {
        var template = Template();
        template.SelectToken(original)!.Parent!.Remove();
        ((JObject)template.SelectToken(parent)!)[typo] = "abc";
        Assert.That(await ValidateAsync(template), Has.Some.Contains(typo));
    }

    [TestCase("verify.rounds", "\"6\"")]
    [TestCase("verify.rounds", "0")]
    [TestCase("platform", "\"azure\"")]
    [TestCase("azure.storage.account", "\"UPPER\"")]
    [TestCase("instances", "[]")]
    public async Task The_schema_refuses_a_wrong_value(string path, string json)
    {
        var template = Template();
        template.SelectToken(path)!.Replace(JToken.Parse(json));
        Assert.That(await ValidateAsync(template), Has.Some.Contains(path.Split('.')[^1]));
    }

    [Test]
    public void Every_key_has_a_variable_of_its_own()
    {
        Assert.That(SettingKeys.All.Select(key => key.EnvironmentVariable), Is.Unique);
        Assert.That(SettingKeys.Get("azure.storage.quotaGiB").EnvironmentVariable, Is.EqualTo("AMBROSIA_AZURE_STORAGE_QUOTA_GIB"));
        Assert.That(SettingKeys.Get("azure.resourceGroup").EnvironmentVariable, Is.EqualTo("AMBROSIA_AZURE_RESOURCE_GROUP"));
        Assert.That(SettingKeys.Get("azure.subscription").EnvironmentVariable, Is.EqualTo("AMBROSIA_AZURE_SUBSCRIPTION"));
    }

    private static JObject Template() => JObject.Parse(CheckoutFile.Read(TemplateFile));

    private static async Task<string[]> ValidateAsync(JObject document)
    {
        var schema = await JsonSchema.FromJsonAsync(CheckoutFile.Read(SchemaFile));
        return [.. schema.Validate(document.ToString()).Select(error => error.ToString())];
    }
}
