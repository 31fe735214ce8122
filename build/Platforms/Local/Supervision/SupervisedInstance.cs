using System.Text;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>One instance through all its lives. Owned by the run's event loop; nothing else changes it.</summary>
public sealed class SupervisedInstance : IDisposable
{
    private const int TailLines = 20;

    private readonly Queue<string> _tail = new();
    private readonly StreamWriter _output;

    public SupervisedInstance(InstanceSettings settings, InstancePorts ports, RunDirectory directory)
    {
        Settings = settings;
        Ports = ports;
        Directory.CreateDirectory(directory.Logs(settings.Name));
        OutputPath = directory.Output(settings.Name);
        // Shared for reading: Logs --follow reads it from another process while it grows.
        var stream = new FileStream(OutputPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        _output = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
    }

    public InstanceSettings Settings { get; }

    public InstancePorts Ports { get; }

    public string Name => Settings.Name;

    public string OutputPath { get; }

    public IRunningProcess? Process { get; private set; }

    public ProcessIdentity? Coordinator { get; private set; }

    public ProcessIdentity? App { get; set; }

    /// <summary>Counts starts, from 1.</summary>
    public int Life { get; private set; }

    public int Restarts => Math.Max(0, Life - 1);

    /// <summary>This life has reached its work.</summary>
    public bool IsReady { get; set; }

    /// <summary>Lives in a row that ended without reaching their work.</summary>
    public int QuickFailures { get; private set; }

    /// <summary>The coordinator's ERROR lines of this life, with their cause and fix.</summary>
    public List<string> Errors { get; } = [];

    public string Tail => string.Join('\n', _tail);

    /// <summary>Numbers the life that is about to start, so that its lines can be told from late ones of the life before.</summary>
    public int BeginLife()
    {
        Errors.Clear();
        return ++Life;
    }

    public void Started(IRunningProcess process, ProcessIdentity? identity)
    {
        Process = process;
        Coordinator = identity;
    }

    public void Ended()
    {
        QuickFailures = IsReady ? 0 : QuickFailures + 1;
        Process = null;
        Coordinator = null;
        App = null;
        IsReady = false;
    }

    public void Write(string line)
    {
        _tail.Enqueue(line);
        if (_tail.Count > TailLines)
            _tail.Dequeue();
        _output.WriteLine(line);
    }

    public InstanceRecord ToRecord() => new()
    {
        Name = Name,
        Ports = Ports,
        Coordinator = Coordinator,
        App = App,
        Restarts = Restarts,
        Ready = IsReady,
    };

    public void Dispose() => _output.Dispose();
}
