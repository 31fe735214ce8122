using System.Diagnostics;
using System.Text.Json.Nodes;
using Ambrosia.Testing;
using NUnit.Framework;

namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>The real <c>az</c> in front of an emulator: a config directory and an environment of its own, a journal of its calls, and a guard that fails
/// the test when anything tries to leave this machine.</summary>
public sealed class AzHost : IAsyncDisposable
{
    /// <summary>Far beyond what any single command of these tests takes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _directory;
    private readonly GuardProxy _proxy;
    private readonly string _az;

    private AzHost(
        AzureEmulator emulator, DirectoryInfo directory, GuardProxy proxy, string az, ToolJournal tools, IReadOnlyDictionary<string, string?> environment)
    {
        Emulator = emulator;
        Tools = tools;
        _directory = directory;
        _proxy = proxy;
        _az = az;
        Environment = environment;
    }

    public AzureEmulator Emulator { get; }

    /// <summary>What a child process needs so that it (or an <c>az</c> below it) meets the emulator and nothing else; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    public string ConfigDirectory => Path.Combine(_directory.FullName, "config");

    /// <summary>A directory of this host's own, gone with it: a place for state directories and checkouts.</summary>
    public string Directory => _directory.FullName;

    /// <summary>The command lines of all <c>az</c> processes that were found through PATH in <see cref="Environment"/>, in the order of their starts.</summary>
    public IReadOnlyList<string> Journal => Tools.CallsOf("az");

    /// <summary>The programs at the front of PATH in <see cref="Environment"/>; <c>az</c> is one of them.</summary>
    public ToolJournal Tools { get; }

    /// <summary>Further variables that give a process a managed identity, as App Service does.</summary>
    public IReadOnlyDictionary<string, string?> ManagedIdentity => new Dictionary<string, string?>
    {
        ["APPSETTING_WEBSITE_SITE_NAME"] = "ambrosia",
        ["MSI_ENDPOINT"] = Emulator.BaseUri + "msi/token",
        ["MSI_SECRET"] = Emulator.Secrets.ManagedIdentityHeader,
        ["IDENTITY_ENDPOINT"] = Emulator.BaseUri + "msi/token",
        ["IDENTITY_HEADER"] = Emulator.Secrets.ManagedIdentityHeader,
    };

    /// <summary>Request lines of everything that tried to leave this machine.</summary>
    public IReadOnlyList<string> Escapes => _proxy.Attempts;

    /// <param name="loggedIn">Whether <c>az</c> is logged in as the emulator's service principal.</param>
    public static async Task<AzHost> StartAsync(AzureEmulatorOptions? options = null, bool loggedIn = true, CancellationToken cancellation = default)
    {
        var az = Testing.Tools.Require("az", "install the package azure-cli");
        var emulator = await AzureEmulator.StartAsync(options, cancellation);
        var directory = System.IO.Directory.CreateTempSubdirectory("az-host-");
        var proxy = new GuardProxy();
        var config = directory.CreateSubdirectory("config").FullName;
        await AzFiles.WriteAsync(config, emulator, loggedIn, cancellation);
        var tools = new ToolJournal(directory.FullName);
        tools.Add("az", az);
        return new AzHost(emulator, directory, proxy, az, tools, AzEnvironment.Create(emulator, directory.FullName, proxy, az));
    }

    /// <summary>Runs <c>az</c> and expects it to succeed.</summary>
    public async Task<AzResult> RunAsync(params string[] arguments)
    {
        var result = await TryAsync(arguments);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        return result;
    }

    /// <summary>Runs <c>az</c> with <c>-o json</c>, expects it to succeed, and reads what it printed.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments) => (await RunAsync([.. arguments, "-o", "json"])).Json;

    /// <summary>Runs <c>az</c> and expects it to fail with that text on its standard error.</summary>
    public async Task<AzResult> FailAsync(string expectedError, params string[] arguments)
    {
        var result = await TryAsync(arguments);
        Assert.Multiple(() =>
        {
            Assert.That(result.ExitCode, Is.Not.Zero, result.ToString());
            Assert.That(result.Error, Does.Contain(expectedError), result.ToString());
        });
        return result;
    }

    public Task<AzResult> TryAsync(params string[] arguments) => TryAsync(arguments, new Dictionary<string, string?>());

    /// <param name="further">Variables beside <see cref="Environment"/>.</param>
    public async Task<AzResult> TryAsync(
        string[] arguments, IReadOnlyDictionary<string, string?> further, string standardInput = "", CancellationToken cancellation = default)
    {
        var start = new ProcessStartInfo(_az, [.. arguments, "--only-show-errors"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _directory.FullName,
        };
        AzEnvironment.Apply(start, Environment);
        AzEnvironment.Apply(start, further);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        try
        {
            await process.StandardInput.WriteAsync(standardInput);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new AzResult(string.Join(' ', arguments), process.ExitCode, await output, await error, watch.Elapsed);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var escapes = Escapes;
        await Emulator.DisposeAsync();
        await _proxy.DisposeAsync();
        _directory.Delete(recursive: true);
        Assert.That(escapes, Is.Empty, "Something tried to leave this machine.");
    }
}
