using System.Globalization;
using Ambrosia.Build.Platforms.Coordinators;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>Puts together how one instance is started. A pure function of settings, ports and directories.</summary>
public static class CoordinatorCommand
{
    /// <summary>How long a coordinator may take to end cleanly after SIGTERM, its last checkpoint included.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(8);

    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    public static IReadOnlyList<string> Arguments(
        InstanceSettings instance,
        IReadOnlyDictionary<string, InstancePorts> ports,
        VerifySettings verify,
        RunDirectory directory,
        Func<string, string> resolveProgram)
    {
        var own = ports[instance.Name];
        var peers = ports.Where(pair => pair.Key != instance.Name).ToDictionary(pair => pair.Key, pair => Loopback(pair.Value.Coordinator));
        return new CoordinatorInvocation(
            instance, directory.Logs(instance.Name), Loopback(own.Coordinator), peers, own.Receive, own.Send, own.Health, "flock", GracePeriod,
            resolveProgram(instance.Command[0]))
        { Supervised = true }.Arguments(verify);
    }

    /// <summary>
    /// A .NET process that is killed leaves its debugger's pipes and its diagnostic socket in the temporary directory for ever
    /// (dotnet/coreclr#2126). So they are not made, unless the user asks for them by the same variable.
    /// </summary>
    public static IReadOnlyDictionary<string, string?> Environment(Func<string, string?> current)
    {
        ArgumentNullException.ThrowIfNull(current);
        return new Dictionary<string, string?> { [Diagnostics] = current(Diagnostics) ?? "0" };
    }

    /// <summary>A program of the published app by its name, an absolute path as it is, anything else is left to PATH.</summary>
    public static string ResolveProgram(string program, string publishedApp, Func<string, bool> exists)
    {
        if (Path.IsPathRooted(program))
            return program;
        var published = Path.Combine(publishedApp, OperatingSystem.IsWindows() ? program + ".exe" : program);
        return exists(published) ? published : program;
    }

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
