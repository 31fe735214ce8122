using System.Diagnostics;

namespace Ambrosia.Emulators.Azure.Cli;

/// <summary>The variables under which <c>az</c> and .NET programs meet an emulator and nothing else.</summary>
public static class AzEnvironment
{
    private const string Loopback = "localhost,127.0.0.1";

    public static IReadOnlyDictionary<string, string?> Create(AzureEmulator emulator, string directory, GuardProxy proxy, string az)
    {
        var variables = new Dictionary<string, string?>
        {
            ["AZURE_CONFIG_DIR"] = Path.Combine(directory, "config"),
            ["AZURE_CORE_COLLECT_TELEMETRY"] = "0",
            ["AZURE_CORE_SURVEY_MESSAGE"] = "0",
            ["AZURE_CORE_ERROR_RECOMMENDATION"] = "off",
            ["AZURE_EXTENSION_USE_DYNAMIC_INSTALL"] = "no",
            ["AZURE_CORE_NO_COLOR"] = "1",
            ["REQUESTS_CA_BUNDLE"] = emulator.CaCertificatePath,

            // .NET on Linux trusts what OpenSSL's variables name.
            ["SSL_CERT_FILE"] = emulator.CaCertificatePath,
            ["SSL_CERT_DIR"] = Directory.CreateDirectory(Path.Combine(directory, "no-certificates")).FullName,
            ["PATH"] = Path.Combine(directory, "bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
        };
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY" })
            variables[name] = variables[name.ToLowerInvariant()] = proxy.Address.GetLeftPart(UriPartial.Authority);
        variables["NO_PROXY"] = variables["no_proxy"] = Loopback;
        if (IsDebianBuild(az))
            variables["PYTHONPATH"] = Path.Combine(AppContext.BaseDirectory, "python");
        return variables;
    }

    public static void Apply(ProcessStartInfo start, IReadOnlyDictionary<string, string?> environment)
    {
        foreach (var (name, value) in environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }
    }

    /// <summary>Debian's azure-cli uses the system's Python and libraries, one of which does not fit it.</summary>
    private static bool IsDebianBuild(string az)
    {
        const string Packages = "/usr/lib/python3/dist-packages/azure";
        var version = Path.Combine(Packages, "mgmt", "authorization", "_version.py");
        return az == "/usr/bin/az" && Directory.Exists(Path.Combine(Packages, "cli")) && File.Exists(version) && File.ReadAllText(version).Contains("\"3.0.0\"", StringComparison.Ordinal);
    }
}
