using System.Globalization;
using Ambrosia.Coordinator.Storage.Leases;

namespace Ambrosia.Coordinator.Options;

/// <summary>Parses the command line of <c>run</c>, <c>status</c>, <c>checkpoint</c> and <c>erase</c>. A typo is an error that names the nearest option.</summary>
internal static class CommandLine
{
    public const string Help = """
        ImmortalCoordinator: logs every message an AMBROSIA instance receives, and brings it back exactly as it was.

        ImmortalCoordinator run --instance NAME --log DIR --listen HOST:PORT --receive-port N --send-port N [options] -- APP ARGS…
          --instance NAME           name of this instance: letters and digits, starting with a letter, at most 63
          --log DIR                 directory of this instance's log and checkpoints; made when missing
          --listen HOST:PORT        where other coordinators reach this one
          --peer NAME=HOST:PORT     where instance NAME is reached; repeatable; resolved again at each connect
          --receive-port N          the coordinator receives from the app here (the app's --sp)
          --send-port N             the coordinator sends to the app here (the app's --rp)
          --health-port N           HTTP: GET /startup /ready /live /status, POST /checkpoint
          --health-host HOST        where the health port listens; * for every address (default 127.0.0.1)
          --trigger-size MIB        log size at which a checkpoint is taken (default 256)
          --durability device|os    what must hold the data before a message is acknowledged (default device)
          --lock flock|lease        how a second writer is kept out: the kernel's lock, for a disk of this machine, or a lease, for a
                                    network share (default flock)
          --lease-duration SECONDS  how long a successor waits for a sign of the owner, and the most that a takeover takes (default 15)
          --state-version N         raised by the app's author when replayed messages would mean something else (default 1)
          --grace-period SECONDS    how long a clean stop may take (default 25)
          --output-memory MIB       memory for output one peer has not acknowledged; more goes to disk (default 32)
          --supervised              ignore SIGINT, and stop when standard input ends
        ImmortalCoordinator status --health-port N [--health-host HOST]
        ImmortalCoordinator checkpoint --health-port N [--health-host HOST]
        ImmortalCoordinator erase --log DIR
          deletes the logs and checkpoints in DIR, so that the instance starts anew; no other file. Refuses while a coordinator uses DIR, whose
          lock or lease it takes meanwhile and leaves behind.

        A lease is a row of numbered files in the log directory, NUMBER.lease, each made by exclusive creation, so that a number has one
        maker. The owner makes the next one every third of the duration. A successor makes it when it has seen no newer one for the whole
        duration by its own clock; at once when the last one says that its owner stopped, or when that owner was a process of this machine
        that is dead. An owner that has made none for nine tenths of the duration acknowledges nothing more and exits with 75, whether it
        was paused, cut off or lost the share. The wall clock does not matter.

        Exit codes: 0 clean stop, 64 bad command line, 75 restart is right, 78 a person has to act.
        """;

    private static readonly string[] ValueOptions =
    [
        "--instance", "--log", "--listen", "--peer", "--receive-port", "--send-port", "--health-port", "--health-host", "--trigger-size",
        "--durability", "--lock", "--lease-duration", "--state-version", "--grace-period", "--output-memory",
    ];

    private static readonly string[] Flags = ["--supervised"];

    public static RunOptions ParseRun(IReadOnlyList<string> arguments)
    {
        var split = IndexOf(arguments, "--");
        var given = Collect(split < 0 ? arguments : arguments.Take(split), ValueOptions, Flags);
        if (split < 0 || split == arguments.Count - 1)
            throw Usage("The app's command is missing.", "End the command line with: -- APP ARGS…");
        var app = arguments.Skip(split + 1).ToArray();
        var (host, port) = HostPort("--listen", Required(given, "--listen"));
        var instance = Required(given, "--instance");
        if (!IsName(instance))
            throw Usage($"--instance {instance} is not a name.", "Use letters and digits, starting with a letter, at most 63.");
        var peers = given.GetValueOrDefault("--peer", []).Select(Peer).ToArray();
        var twice = peers.GroupBy(peer => peer.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw Usage($"--peer names {twice.Key} twice.", "Give each peer one address.");
        var receivePort = Number(given, "--receive-port", 1, 65535) ?? throw Missing("--receive-port");
        var sendPort = Number(given, "--send-port", 1, 65535) ?? throw Missing("--send-port");
        if (receivePort == sendPort)
            throw Usage($"--receive-port and --send-port are both {sendPort}.", "The app opens two connections: give each a port of its own.");
        var lease = Choice(given, "--lock", "flock", "lease") == "lease";
        var toOs = Choice(given, "--durability", "device", "os") == "os";
        if (lease && toOs)
            throw Usage(
                "--lock lease does not go with --durability os.", "A successor on another machine sees only what was flushed to the share: use --durability device.");
        if (!lease && given.ContainsKey("--lease-duration"))
            throw Usage("--lease-duration has no meaning without a lease.", "Add --lock lease.");
        return new RunOptions
        {
            Instance = instance,
            LogDirectory = Path.GetFullPath(Required(given, "--log")),
            ListenHost = host,
            ListenPort = port,
            Peers = peers,
            ReceivePort = receivePort,
            SendPort = sendPort,
            HealthPort = Number(given, "--health-port", 1, 65535),
            HealthHost = Last(given, "--health-host") ?? "127.0.0.1",
            TriggerBytes = (long)(Number(given, "--trigger-size", 1, 1 << 20) ?? 256) << 20,
            Durability = toOs ? DurabilityLevel.Os : DurabilityLevel.Device,
            Lock = lease ? LockKind.Lease : LockKind.Flock,
            LeaseDuration = TimeSpan.FromSeconds(Number(given, "--lease-duration", 1, 300) ?? LeaseTerms.DefaultSeconds),
            StateVersion = Number(given, "--state-version", 0, int.MaxValue) ?? 1,
            GracePeriod = TimeSpan.FromSeconds(Number(given, "--grace-period", 1, 86400) ?? 25),
            OutputMemoryBytes = (long)(Number(given, "--output-memory", 1, 1 << 16) ?? 32) << 20,
            Supervised = given.ContainsKey("--supervised"),
            App = app,
        };
    }

    public static (string Host, int Port) ParseClient(IReadOnlyList<string> arguments)
    {
        var given = Collect(arguments, ["--health-port", "--health-host"], []);
        return (Last(given, "--health-host") ?? "127.0.0.1",
            Number(given, "--health-port", 1, 65535) ?? throw Missing("--health-port"));
    }

    /// <returns>The log directory, absolute.</returns>
    public static string ParseErase(IReadOnlyList<string> arguments) => Path.GetFullPath(Required(Collect(arguments, ["--log"], []), "--log"));

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 63 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit);

    internal static CoordinatorException UnknownWord(string what, string word, IEnumerable<string> known) =>
        Usage($"There is no {what} {word}.", $"Did you mean {known.MinBy(name => Distance(word, name))}? See ImmortalCoordinator --help.");

    private static Dictionary<string, List<string>> Collect(IEnumerable<string> words, string[] valueOptions, string[] flags)
    {
        var given = new Dictionary<string, List<string>>();
        using var word = words.GetEnumerator();
        while (word.MoveNext())
        {
            var (name, value) = word.Current.Split('=', 2) is [var left, var right] && word.Current.StartsWith("--", StringComparison.Ordinal)
                ? (left, right) : (word.Current, (string?)null);
            if (flags.Contains(name) && value is null)
            {
                given[name] = [];
                continue;
            }

            if (!valueOptions.Contains(name))
                throw UnknownWord("option", word.Current, [.. valueOptions, .. flags]);
            if (value is null)
                value = word.MoveNext() ? word.Current : throw Usage($"{name} has no value.", "See ImmortalCoordinator --help.");
            if (!given.TryGetValue(name, out var values))
                given[name] = values = [];
            values.Add(value);
        }

        return given;
    }

    private static PeerAddress Peer(string text)
    {
        if (text.Split('=', 2) is not [var name, var address] || !IsName(name))
            throw Usage($"--peer {text} is not NAME=HOST:PORT.", "For example --peer perftestserver=127.0.0.1:21500");
        var (host, port) = HostPort("--peer", address);
        return new PeerAddress(name, host, port);
    }

    private static (string Host, int Port) HostPort(string option, string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon > 0 && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535)
            return (text[..colon].Trim('[', ']'), port);
        throw Usage($"{option} {text} is not HOST:PORT.", "For example 127.0.0.1:21500");
    }

    private static int? Number(Dictionary<string, List<string>> given, string name, int least, int most)
    {
        if (Last(given, name) is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        throw Usage($"{name} {text} is not a whole number from {least} to {most}.", "See ImmortalCoordinator --help.");
    }

    private static string Choice(Dictionary<string, List<string>> given, string name, params string[] allowed)
    {
        var text = Last(given, name) ?? allowed[0];
        return allowed.Contains(text) ? text : throw UnknownWord($"{name}", text, allowed);
    }

    private static string Required(Dictionary<string, List<string>> given, string name) => Last(given, name) ?? throw Missing(name);

    private static string? Last(Dictionary<string, List<string>> given, string name) =>
        given.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : null;

    private static CoordinatorException Missing(string name) => Usage($"{name} is missing.", "See ImmortalCoordinator --help.");

    private static CoordinatorException Usage(string what, string fix) => new(Codes.Usage, what, null, fix, ExitCodes.Usage);

    private static int IndexOf(IReadOnlyList<string> list, string word)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i] == word)
                return i;
        }

        return -1;
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
