using Ambrosia.Build.Platforms.Aks.Session;
using Ambrosia.Build.Tests.Reporting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Aks.Session;

public sealed class AzureConfigurationFilesTests
{
    [TestCase(null, "", "", "https://management.core.windows.net/")]
    [TestCase(null, "[core]\nname = x\n[cloud]\nname = AzureChinaCloud\n", "", "https://management.core.chinacloudapi.cn/")]
    [TestCase("AzureUSGovernment", "[cloud]\nname = AzureCloud\n", "", "https://management.core.usgovcloudapi.net/")]
    [TestCase(null, "[cloud]\nname = own\n", "[other]\nendpoint_active_directory_resource_id = x\n[own]\nendpoint_active_directory_resource_id = https://own/\n", "https://own/")]
    [TestCase(null, "[cloud]\nname = own\n", "[AzureCloud]\nsubscription = x\n", null)]
    public void The_audience_is_guessed_from_the_cloud_that_az_is_set_to(string? variable, string configuration, string clouds, string? expected) =>
        Assert.That(AzureConfigurationFiles.Guess(variable, configuration, clouds), Is.EqualTo(expected));

    [Test]
    public async Task The_files_are_those_of_the_configuration_directory()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["config"], "[cloud]\nname = AzureChinaCloud\n");
        var files = new AzureConfigurationFiles(name => name == "AZURE_CONFIG_DIR" ? directory.Path : null);
        Assert.That(files.GuessAudience(), Is.EqualTo("https://management.core.chinacloudapi.cn/"));
    }
}
