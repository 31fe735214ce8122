using System.Globalization;
using NUnit.Framework;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>One instance: its name, its log, its ports. Its lives come and go.</summary>
internal sealed class Node(string name, TemporaryDirectory directory, string? log = null) : IAsyncDisposable
{
    private readonly List<Life> _lives = [];

    public string Name { get; } = name;

    public string Log { get; } = log ?? directory[name];

    public int ListenPort { get; } = Ports.Next();

    public int ReceivePort { get; } = Ports.Next();

    public int SendPort { get; } = Ports.Next();

    public int HealthPort { get; } = Ports.Next();

    /// <summary>More options of <c>run</c>.</summary>
    public List<string> Options { get; } = ["--durability", "os"];

    /// <summary>
    /// What the coordinator starts as its app. The immortal itself runs in the test's process; this one only has to be there, and to go
    /// with the coordinator even when that one is killed.
    /// </summary>
    public string[] App { get; set; } = ["sh", "-c", "exec tail -f /dev/null --pid=$AMBROSIA_COORDINATOR_PID"];

    /// <summary>The coordinator's program.</summary>
    public string Program { get; set; } = Path.Combine(TestContext.CurrentContext.TestDirectory, "ImmortalCoordinator");

    /// <summary>A command that runs the coordinator, whose own command line follows.</summary>
    public string[] Wrapper { get; set; } = [];

    public Node WithPeer(Node peer) => WithPeer(peer.Name, peer.ListenPort);

    public Node WithPeer(string peer, int port)
    {
        Options.AddRange(["--peer", string.Create(CultureInfo.InvariantCulture, $"{peer}=127.0.0.1:{port}")]);
        return this;
    }

    /// <param name="killAt">STEP:COUNT at which the coordinator kills itself.</param>
    /// <param name="ledger">Null: no immortal connects.</param>
    public Life Start(string? killAt = null, Ledger? ledger = null, params string[] more)
    {
        var life = new Life(this, killAt, ledger, more);
        _lives.Add(life);
        return life;
    }

    /// <summary>Starts with a new ledger, and waits until it is primary.</summary>
    public async Task<Life> StartReadyAsync(params string[] more)
    {
        var life = Start(null, new Ledger(Name), more);
        await life.LineAsync("Ready: ");
        return life;
    }

    /// <summary>Runs it to its end.</summary>
    public async Task<Life> RunAsync(params string[] more)
    {
        var life = Start(null, new Ledger(Name), more);
        await life.ExitAsync();
        await life.EndAppAsync();
        return life;
    }

    public IReadOnlyList<string> Arguments(IEnumerable<string> more) =>
    [
        "run", "--instance", Name, "--log", Log, "--listen", Text($"127.0.0.1:{ListenPort}"), "--receive-port", Text($"{ReceivePort}"),
        "--send-port", Text($"{SendPort}"), "--health-port", Text($"{HealthPort}"), .. Options, .. more, "--", .. App,
    ];

    public async ValueTask DisposeAsync()
    {
        foreach (var life in _lives)
            await life.DisposeAsync();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
