using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.IO;

namespace Cake.Frosting.Internal;

/// <summary>Cake's settings; each source overrides the ones before: the host's own, CAKE_* variables, cake.config, arguments.</summary>
internal sealed class FrostingConfiguration(
    IEnumerable<CakeSetting> settings, IFileSystem fileSystem, ICakeEnvironment environment, ICakeArguments arguments)
    : ICakeConfiguration
{
    private readonly Lazy<ICakeConfiguration> _configuration = new(() =>
        new CakeConfigurationProvider(fileSystem, environment).CreateConfiguration(
            environment.WorkingDirectory,
            settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)),
            arguments.GetArguments().ToDictionary(
                argument => argument.Key, argument => argument.Value.LastOrDefault() ?? string.Empty, StringComparer.OrdinalIgnoreCase)));

    public string GetValue(string key) => _configuration.Value.GetValue(key);
}
