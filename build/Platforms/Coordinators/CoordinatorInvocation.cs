using System.Globalization;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Coordinators;

/// <summary>How one of our coordinators is started, wherever it runs. Pure.</summary>
/// <param name="Instance">The instance with its command, whose stand-ins are filled in.</param>
/// <param name="LogDirectory">As the coordinator sees it.</param>
/// <param name="Listen"><c>host:port</c> for the peers.</param>
/// <param name="Peers">Address <c>host:port</c> of each other instance by its name.</param>
/// <param name="Lock"><c>flock</c> or <c>lease</c>.</param>
/// <param name="GracePeriod">How long it may take to end cleanly after SIGTERM, its last checkpoint included.</param>
/// <param name="Program">The app's program: a path, or a name that is on PATH where it runs.</param>
public sealed record CoordinatorInvocation(
    InstanceSettings Instance, string LogDirectory, string Listen, IReadOnlyDictionary<string, string> Peers, int ReceivePort, int SendPort, int HealthPort,
    string Lock, TimeSpan GracePeriod, string Program)
{
    /// <summary>Where the health port listens; null leaves it to this machine alone.</summary>
    public string? HealthHost { get; init; }

    /// <summary>It stops when its standard input ends, as when its supervisor dies.</summary>
    public bool Supervised { get; init; }

    public IReadOnlyList<string> Arguments(VerifySettings verify)
    {
        List<string> arguments = ["run", "--instance", Instance.Name, "--log", LogDirectory, "--listen", Listen];
        foreach (var (name, address) in Peers.OrderBy(peer => peer.Key, StringComparer.Ordinal))
            arguments.AddRange(["--peer", $"{name}={address}"]);
        arguments.AddRange(["--receive-port", Text(ReceivePort), "--send-port", Text(SendPort), "--health-port", Text(HealthPort)]);
        if (HealthHost is not null)
            arguments.AddRange(["--health-host", HealthHost]);
        arguments.AddRange(
        [
            "--trigger-size", Text(Instance.TriggerSizeMiB),
            "--durability", "device",
            "--lock", Lock,
            "--state-version", Text(Instance.StateVersion),
            "--grace-period", Text(GracePeriod.TotalSeconds),
        ]);
        if (Supervised)
            arguments.Add("--supervised");
        arguments.AddRange(["--", Program, .. AppArguments(Instance, ReceivePort, SendPort, verify)]);
        return arguments;
    }

    /// <summary>The app's arguments, stand-ins filled in.</summary>
    public static IEnumerable<string> AppArguments(InstanceSettings instance, int receivePort, int sendPort, VerifySettings verify)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(verify);
        return instance.Command.Skip(1).Select(word => word
            .Replace("{receivePort}", Text(receivePort), StringComparison.Ordinal)
            .Replace("{sendPort}", Text(sendPort), StringComparison.Ordinal)
            .Replace("{rounds}", Text(verify.Rounds), StringComparison.Ordinal)
            .Replace("{roundBytes}", Text(verify.RoundBytes), StringComparison.Ordinal)
            .Replace("{maxMessageBytes}", Text(verify.MaxMessageBytes), StringComparison.Ordinal));
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
