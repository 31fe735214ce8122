using System.Collections.Concurrent;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Platforms.Local.Runs;

namespace Ambrosia.Build.Tests.Platforms.Local;

/// <summary>
/// Plays coordinators: each start of an instance runs the behaviour that the test gives for it, on a process that exists only here.
/// </summary>
internal sealed class FakeInstances(Action<FakeInstance> behaviour) : IProcessRunner, IProcessTable
{
    private readonly ConcurrentDictionary<int, FakeInstance> _byPid = new();
    private readonly ConcurrentDictionary<string, int> _lives = new();
    private readonly ConcurrentQueue<FakeInstance> _started = new();
    private int _nextPid = 1000;

    public IReadOnlyCollection<FakeInstance> Started => _started;

    public IRunningProcess Start(ProcessRequest request)
    {
        var arguments = request.Arguments.ToList();
        var name = arguments[arguments.IndexOf("--instance") + 1];
        var instance = new FakeInstance(
            name, _lives.AddOrUpdate(name, 1, (_, lives) => lives + 1), Interlocked.Add(ref _nextPid, 2), request);
        _byPid[instance.Id] = instance;
        _byPid[instance.AppPid] = instance;
        _started.Enqueue(instance);
        behaviour(instance);
        return instance;
    }

    public Task<ProcessResult> RunAsync(ProcessRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public ProcessIdentity? Find(int pid) => _byPid.ContainsKey(pid) ? new ProcessIdentity(pid, pid) : null;

    public bool IsAlive(ProcessIdentity process) => _byPid.TryGetValue(process.Pid, out var instance) && !instance.Exit.IsCompleted;

    public bool Kill(ProcessIdentity process) =>
        _byPid.TryGetValue(process.Pid, out var instance) && instance.End(process.Pid == instance.Id ? 137 : 75);

    public void Terminate(ProcessIdentity process) => _ = Kill(process);

    public long? PeakMemory(ProcessIdentity process) => null;
}

internal sealed class FakeInstance(string name, int life, int pid, ProcessRequest request) : IRunningProcess
{
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public int Life => life;

    public int Id => pid;

    public int AppPid => pid + 1;

    public bool WasStopped { get; private set; }

    public Task<int> Exit => _exit.Task;

    public void Say(params string[] lines)
    {
        foreach (var line in lines)
            request.OnOutputLine!(line);
    }

    public void BecomeReady() => Say($"[coordinator] App started: pid {AppPid}", "[coordinator] Ready: primary");

    /// <summary>False where it had ended already.</summary>
    public bool End(int exitCode) => _exit.TrySetResult(exitCode);

    /// <summary>What stopping it does instead of ending it.</summary>
    public Func<Task>? OnStop { get; set; }

    public async Task<int> StopAsync(TimeSpan grace)
    {
        WasStopped = true;
        if (OnStop is not null)
            await OnStop();
        End(0);
        return await Exit;
    }

    public void KillTree() => _ = End(137);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
