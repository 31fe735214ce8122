using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>An instance as its pod and its output show it. Changed by the event loop of its run alone.</summary>
public sealed class WatchedInstance(InstanceSettings settings)
{
    private const int TailLines = 20;

    private readonly Queue<string> _tail = new();

    public string Name => settings.Name;

    public string PodName { get; } = Naming.Pod(settings.Name);

    public InstanceSettings Settings => settings;

    public PodState? Pod { get; private set; }

    /// <summary>Counts the lives of its container that were seen to begin.</summary>
    public int Life { get; private set; }

    /// <summary>The coordinator of the present life has said that it is primary.</summary>
    public bool SaidReady { get; private set; }

    public HashSet<string> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Peers that its coordinator has last said not to reach, in its present life.</summary>
    public HashSet<string> Unreached { get; } = new(StringComparer.Ordinal);

    public string Tail => string.Join('\n', _tail);

    internal void Read(string text, LogLine? line)
    {
        if (_tail.Count == TailLines)
            _tail.Dequeue();
        _tail.Enqueue(text);
        if (line is LogLine.Ready)
            SaidReady = true;
    }

    internal void Become(FollowEvent.Pod change)
    {
        Pod = change.State;
        if (change.State is null)
            SaidReady = false;
        if (!change.IsNewLife)
            return;
        Life++;
        SaidReady = false;
        Unreached.Clear();
    }
}
