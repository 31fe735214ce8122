using System.Text.RegularExpressions;
using System.Threading.Channels;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Following;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>
/// Follows the instances of a deployment until their work is over, through whatever happens to their pods. All that happens passes through
/// one event loop, so nothing here needs a lock. It changes nothing in the cluster, and leaves no process when it ends.
/// </summary>
public sealed class ClusterRun
{
    /// <summary>What remains between the Job's DONE and the Server's last lines is a round trip; nothing more is awaited after this.</summary>
    private static readonly TimeSpan OtherMayLag = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private const int MostWaitingEvents = 10_000;

    private readonly ClusterServices _services;
    private readonly ClusterAccess _access;
    private readonly BuildSettings _settings;
    private readonly IReadOnlyList<IClusterRunObserver> _observers;
    private readonly List<WatchedInstance> _instances;
    private readonly Regex? _pattern;

    /// <summary>Bounded: what prints faster than it is read is held up in kubectl's pipe instead of filling our memory.</summary>
    private readonly Channel<FollowEvent> _events =
        Channel.CreateBounded<FollowEvent>(new BoundedChannelOptions(MostWaitingEvents) { SingleReader = true });

    private readonly long _startedAt;
    private long _progressAt;
    private long? _oneIsDoneAt;

    public ClusterRun(ClusterServices services, ClusterAccess access, BuildSettings settings, IReadOnlyList<IClusterRunObserver> observers)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(settings);
        _services = services;
        _access = access;
        _settings = settings;
        _observers = observers;
        _instances = [.. settings.Instances.Select(instance => new WatchedInstance(instance))];
        _pattern = settings.Verify is { Kind: VerifyKind.LogPattern, Pattern: { } pattern }
            ? new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeout)
            : null;
        _startedAt = services.Time.GetTimestamp();
        _progressAt = _startedAt;
    }

    public WorkProgress Progress { get; private set; } = WorkProgress.None;

    public IReadOnlyList<WatchedInstance> Instances => _instances;

    /// <summary>The instance that receives: the first. <see cref="BuildSettings.Instances"/> fixes the order.</summary>
    public WatchedInstance Server => _instances[0];

    /// <summary>The instance that sends: the last.</summary>
    public WatchedInstance Job => _instances[^1];

    public VerifySettings Verify => _settings.Verify;

    public ClusterAccess Access => _access;

    public TimeSpan Elapsed => _services.Time.GetElapsedTime(_startedAt);

    /// <summary>The line that matched, with its instance's name; null while none has.</summary>
    public string? Matched { get; private set; }

    /// <summary>Last lines of every instance, for a person who wants to know what went wrong.</summary>
    public string LastLines => string.Join('\n', _instances.Select(instance => $"--- {instance.PodName}, last lines\n{instance.Tail}"));

    /// <exception cref="BuildException">AMB6001: no progress within verify.deadlineSeconds. AMB5010 to AMB5012: the cluster cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var pods = new PodWatch(
            _services.Kubectl, _services.Runner, _access, Naming.Selector(_settings.ServiceName), _services.Time);
        pods.Start();
        var following = _instances.ConvertAll(instance => FollowAsync(pods, instance.Name, ending.Token));
        var ticking = TickAsync(ending.Token);
        try
        {
            await LoopAsync(pods, following, cancellation);
        }
        finally
        {
            await ending.CancelAsync();
            // What still wants to be said must not be held up by a full channel that nobody reads any more.
            _events.Writer.TryComplete();
            var draining = DrainAsync();
            await Task.WhenAll([.. following, ticking]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await draining;
        }
    }

    private async Task DrainAsync()
    {
        await foreach (var _ in _events.Reader.ReadAllAsync())
        {
            // Dropped: the verdict is known.
        }
    }

    private async Task LoopAsync(PodWatch pods, List<Task> following, CancellationToken cancellation)
    {
        var failed = Task.WhenAny(following);
        while (!IsOver)
        {
            var next = _events.Reader.WaitToReadAsync(cancellation).AsTask();
            if (await Task.WhenAny(next, failed) == failed && !next.IsCompleted)
                await await failed; // throws what kept the log from being read
            await next;
            while (!IsOver && _events.Reader.TryRead(out var happened))
                Handle(happened, pods);
        }
    }

    private bool IsOver => Verify.Kind switch
    {
        VerifyKind.PerformanceTest =>
            Progress.IsOver || (_oneIsDoneAt is { } at && _services.Time.GetElapsedTime(at) > OtherMayLag),
        VerifyKind.LogPattern => Matched is not null,
        _ => false,
    };

    private void Handle(FollowEvent happened, PodWatch pods)
    {
        LogLine? line = null;
        switch (happened)
        {
            case Tick:
                CheckDeadline(pods);
                Observe(null, null);
                return;
            case FollowEvent.Line output:
                line = HandleLine(Find(output.Instance), output.Text);
                break;
            case FollowEvent.Pod change:
                HandlePod(Find(change.Instance), change);
                break;
            case FollowEvent.Lost lost:
                _services.Console.Warning($"{lost.Instance}: {_services.Mask.Mask(lost.Text)}");
                break;
        }

        Observe(happened, line);
    }

    private WatchedInstance Find(string name) => _instances.First(instance => instance.Name == name);

    private LogLine? HandleLine(WatchedInstance instance, string text)
    {
        var line = LogLine.Parse(text);
        instance.Read(text, line);
        var before = Progress;
        switch (line)
        {
            case LogLine.CoordinatorError { IsAppExit: false } error when instance.Errors.Add(error.Text):
                _services.Console.Event($"{instance.Name}: {error.Text}");
                break;
            case LogLine.PeerContact contact when contact.IsReached ? instance.Unreached.Remove(contact.Peer) : instance.Unreached.Add(contact.Peer):
                _services.Console.Event($"{instance.Name}: {contact.Text}");
                break;
            case not null when Verify.Kind == VerifyKind.PerformanceTest && instance == Server:
                Progress = Progress.WithServerLine(line);
                break;
            case not null when Verify.Kind == VerifyKind.PerformanceTest && instance == Job:
                Progress = Progress.WithJobLine(line);
                break;
        }

        if (Matched is null && _pattern?.IsMatch(text) == true)
            Matched = $"{instance.Name} printed: {text}";
        if (Progress.IsAheadOf(before))
            _progressAt = _services.Time.GetTimestamp();
        if (Progress.JobDone || Progress.ServerDone)
            _oneIsDoneAt ??= _services.Time.GetTimestamp();
        return line;
    }

    private void HandlePod(WatchedInstance instance, FollowEvent.Pod change)
    {
        instance.Become(change);
        if (instance == Job && (change.IsReplaced || change.IsRestarted))
            Progress = Progress.WithJobRestarted();
        if (PodText.Of(change) is { } text)
            _services.Console.Event(text);
    }

    private void CheckDeadline(PodWatch pods)
    {
        if (pods.Failure is { } failure)
            throw failure;
        if (Verify.Kind == VerifyKind.None || _services.Time.GetElapsedTime(_progressAt) <= Verify.Deadline)
            return;
        throw new BuildException(
            ErrorCode.VerificationFailed,
            $"No progress for {Figures.Clock(Verify.Deadline)} (verify.deadlineSeconds); "
                + (_pattern is null ? ClusterVerdict.Judge(Progress, _settings).Text : $"the pattern {_pattern} was not seen") + ".",
            cause: Cause(),
            toolOutput: LastLines,
            remedy: "./build.sh --target=Status and --target=Logs show more; --target=Deploy --fresh starts anew");
    }

    private string? Cause()
    {
        if (_instances.Where(instance => instance.Pod is null).Select(instance => instance.PodName).ToList() is { Count: > 0 } absent)
            return $"there is no pod {string.Join(", ", absent)}";
        if (_instances.FirstOrDefault(instance => instance.Pod is { IsReady: false }) is { } broken)
            return $"{broken.PodName} is not ready{(broken.Pod!.Waiting is { } waiting ? $" ({waiting})" : "")}";
        return Verify.Kind == VerifyKind.PerformanceTest && Progress == WorkProgress.None
            ? "the pods are ready and idle, and their logs hold no totals: the work may have been done by pods that were replaced since, which takes their lines with them"
            : null;
    }

    private void Observe(FollowEvent? happened, LogLine? line)
    {
        foreach (var observer in _observers)
            observer.Observe(this, happened, line);
    }

    private async Task FollowAsync(PodWatch pods, string instance, CancellationToken ending)
    {
        // Never on the thread of the loop: it may wait for the loop.
        await Task.Yield();
        await new InstanceFollower(_services.Kubectl, _access, pods, instance, PostAsync, _services.Time).RunAsync(ending);
    }

    private async ValueTask PostAsync(FollowEvent happened)
    {
        while (!_events.Writer.TryWrite(happened))
        {
            if (!await _events.Writer.WaitToWriteAsync())
                return;
        }
    }

    private async Task TickAsync(CancellationToken ending)
    {
        using var timer = new PeriodicTimer(TickPeriod, _services.Time);
        while (await timer.WaitForNextTickAsync(ending))
            _events.Writer.TryWrite(new Tick()); // one that finds no room is made up for by the next
    }

    /// <summary>Time has passed: deadlines and the view want a look.</summary>
    private sealed record Tick() : FollowEvent("");
}
