using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Ambrosia.Build;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;
using Ambrosia.Emulators.Azure.Cli;
using Cake.Core.Diagnostics;
using Cake.Core.IO;
using Cake.Core.Tooling;
using Microsoft.Extensions.DependencyInjection;
using NSubstitute;
using Path = System.IO.Path;

namespace Ambrosia.Azure.Tests.Session;

/// <summary>
/// The suite's own services of one run, in this process, against an emulator: its az is the real one, its credential Azure.Identity's.
/// The environment of this process becomes the host's while it lives, since the credential starts az with that.
/// </summary>
internal sealed class SuiteSession : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, string?> _environment = [];

    /// <param name="change">Of the settings of a deployment named hello.</param>
    public SuiteSession(AzHost host, Func<BuildSettings, BuildSettings>? change = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        foreach (var (name, value) in host.Environment.Concat(environment ?? new Dictionary<string, string?>()))
            Set(name, value);
        var settings = Substitute.For<ISettingsProvider>();
        var loaded = Load(host);
        settings.Settings.Returns(change?.Invoke(loaded) ?? loaded);
        var tools = Substitute.For<IToolLocator>();
        tools.Resolve(Arg.Any<IEnumerable<string>>()).Returns(call => OnPath(call.Arg<IEnumerable<string>>()));

        var services = new ServiceCollection();
        services.AddSingleton<ICakeLog>(new NullLog());
        services.AddSingleton(tools);
        services.AddSingleton(settings);
        services.AddSingleton(Console);
        services.AddSingleton(new TerminalCapabilities(false, false, false));
        services.AddSingleton(new StateDirectory(settings, name => name == "XDG_STATE_HOME" ? Path.Combine(host.Directory, "state") : null));
        services.AddSingleton(Substitute.For<IPullCredentials>());
        services.AddSingleton(new RunScope(["Doctor"]));
        services.AddSingleton(new ArmTransport(() => Trusting(host)));
        services.AddCli().AddAzureSession();
        _services = services.BuildServiceProvider();
    }

    public IBuildConsole Console { get; } = Substitute.For<IBuildConsole>();

    public IReadOnlyList<string> Commands => [.. Get<CommandJournal>().Records.Select(record => record.CommandLine)];

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        foreach (var (name, value) in _environment)
            Environment.SetEnvironmentVariable(name, value);
    }

    /// <summary>A deployment named hello in the emulator's subscription.</summary>
    private static BuildSettings Load(AzHost host) => SettingsLoader.Load(new SettingsSource(
        "/conf/AmbrosiaAKSConf.json",
        $$"""
        {
          "platform": "aks",
          "serviceName": "hello",
          "azure": {
            "subscription": "{{host.Emulator.Options.SubscriptionId}}",
            "resourceGroup": "hello-group",
            "storage": { "account": "hellostorage" },
            "registry": { "name": "helloregistry" },
            "cluster": { "name": "hello-cluster" }
          }
        }
        """,
        null,
        new Dictionary<string, string?>()));

    private static SocketsHttpHandler Trusting(AzHost host) => new()
    {
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(host.Emulator.CaCertificatePath) },
            },
        },
    };

    private static FilePath? OnPath(IEnumerable<string> names) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(directory => names.Select(name => Path.Combine(directory, name)))
        .Where(File.Exists)
        .Select(path => new FilePath(path))
        .FirstOrDefault();

    private void Set(string name, string? value)
    {
        _environment.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }
}
