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
        var endsInsideLine = EndsInsideLine(OutputPath);
        // Shared for reading: Logs --follow reads it from another process while it grows.
        var stream = new FileStream(OutputPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        _output = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = true };
        if (endsInsideLine)
            _output.WriteLine();
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
    public bool IsReady => ReadyAt is not null;

    /// <summary>When this life reached its work, as <see cref="TimeProvider.GetTimestamp"/> has it; null while it has not.</summary>
    public long? ReadyAt { get; private set; }

    /// <summary>One of its lives has reached its work.</summary>
    public bool WasEverReady { get; private set; }

    /// <summary>New work was done since this life became ready.</summary>
    public bool MadeProgress { get; private set; }

    /// <summary>We have ended this life on purpose.</summary>
    public bool IsKilled { get; private set; }

    /// <summary>Lives in a row that led nowhere.</summary>
    public int Failures { get; private set; }

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

    public void BecameReady(long timestamp)
    {
        ReadyAt ??= timestamp;
        WasEverReady = true;
    }

    /// <summary>Work was done; it is this life's where it is ready.</summary>
    public void Progressed() => MadeProgress |= IsReady;

    /// <summary>A proof kills this life, by its coordinator or its app: its end is no failure of its own.</summary>
    public void Killed() => IsKilled = true;

    /// <param name="failures">Lives in a row that have led nowhere by now.</param>
    public void Ended(int failures)
    {
        Failures = failures;
        Process = null;
        Coordinator = null;
        App = null;
        ReadyAt = null;
        MadeProgress = false;
        IsKilled = false;
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

    /// <summary>A suite that was killed may have left half a line, which must not become one with the first line from now on.</summary>
    private static bool EndsInsideLine(string path)
    {
        if (!File.Exists(path))
            return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (file.Length == 0)
            return false;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
