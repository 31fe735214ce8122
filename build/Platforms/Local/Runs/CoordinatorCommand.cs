using System.Globalization;
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
        List<string> arguments =
        [
            "run",
            "--instance", instance.Name,
            "--log", directory.Logs(instance.Name),
            "--listen", Loopback(own.Coordinator),
        ];
        foreach (var (name, peer) in ports.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (name != instance.Name)
                arguments.AddRange(["--peer", $"{name}={Loopback(peer.Coordinator)}"]);
        }

        arguments.AddRange(
        [
            "--receive-port", Text(own.Receive),
            "--send-port", Text(own.Send),
            "--health-port", Text(own.Health),
            "--trigger-size", Text(instance.TriggerSizeMiB),
            "--durability", "device",
            "--lock", "flock",
            "--state-version", Text(instance.StateVersion),
            "--grace-period", Text(GracePeriod.TotalSeconds),
            "--supervised",
            "--",
            resolveProgram(instance.Command[0]),
        ]);
        arguments.AddRange(instance.Command.Skip(1).Select(word => Fill(word, own, verify)));
        return arguments;
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

    private static string Fill(string word, InstancePorts ports, VerifySettings verify) => word
        .Replace("{receivePort}", Text(ports.Receive), StringComparison.Ordinal)
        .Replace("{sendPort}", Text(ports.Send), StringComparison.Ordinal)
        .Replace("{rounds}", Text(verify.Rounds), StringComparison.Ordinal)
        .Replace("{roundBytes}", Text(verify.RoundBytes), StringComparison.Ordinal)
        .Replace("{maxMessageBytes}", Text(verify.MaxMessageBytes), StringComparison.Ordinal);

    private static string Loopback(int port) => $"127.0.0.1:{Text(port)}";

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
