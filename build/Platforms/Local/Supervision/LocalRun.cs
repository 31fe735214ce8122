using System.Text.RegularExpressions;
using System.Threading.Channels;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>What a run is to do, decided before anything starts.</summary>
/// <param name="Target">The target it is for, as <c>run.json</c> shows it.</param>
/// <param name="Progress">Where it begins; not nothing where a former run goes on.</param>
public sealed record RunPlan(string Target, RunDirectory Directory, BuildSettings Settings, WorkProgress Progress);

/// <summary>What a run needs of the world.</summary>
public sealed record RunServices(BuildPaths Paths, IProcessRunner Runner, IProcessTable Processes, IBuildConsole Console, TimeProvider Time);

/// <summary>
/// Runs the instances as processes of this machine until their work is over, restarting what dies, the way a kubelet restarts
/// containers. All that happens passes through one event loop, so nothing here needs a lock. When it ends, however it ends, no
/// process is left.
/// </summary>
public sealed class LocalRun
{
    /// <summary>What remains between the Job's DONE and the Server's last lines is a round trip; nothing more is awaited after this.</summary>
    private static readonly TimeSpan ServerMayLag = TimeSpan.FromSeconds(15);

    private const int MostWaitingEvents = 10_000;

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly RunPlan _plan;
    private readonly RunServices _services;
    private readonly IReadOnlyList<IRunObserver> _observers;
    /// <summary>Bounded: instances that print faster than a disk takes it are held up, as by any pipe, instead of filling our memory.</summary>
    private readonly Channel<RunEvent> _events =
        Channel.CreateBounded<RunEvent>(new BoundedChannelOptions(MostWaitingEvents) { SingleReader = true });

    private readonly Dictionary<string, InstancePorts> _ports;
    private readonly Regex? _pattern;
    private readonly DateTimeOffset _started;
    private readonly long _startedAt;
    private readonly List<SupervisedInstance> _instances = [];
    private long _progressAt;
    private long? _jobDoneAt;
    private long _recordedAt;
    private bool _patternSeen;

    public LocalRun(RunPlan plan, RunServices services, IReadOnlyList<InstancePorts> ports, IReadOnlyList<IRunObserver> observers)
    {
        _plan = plan;
        _services = services;
        _observers = observers;
        _ports = plan.Settings.Instances.Zip(ports).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        _pattern = plan.Settings.Verify is { Kind: VerifyKind.LogPattern, Pattern: { } pattern }
            ? new Regex(pattern, RegexOptions.CultureInvariant, PatternTimeout)
            : null;
        _started = services.Time.GetUtcNow();
        _startedAt = services.Time.GetTimestamp();
        _progressAt = _startedAt;
        Progress = plan.Progress;
    }

    public WorkProgress Progress { get; private set; }

    public IReadOnlyList<SupervisedInstance> Instances => _instances;

    /// <summary>The instance that receives: the first. <see cref="BuildSettings.Instances"/> fixes the order.</summary>
    public SupervisedInstance Server => _instances[0];

    /// <summary>The instance that sends: the last.</summary>
    public SupervisedInstance Job => _instances[^1];

    public VerifySettings Verify => _plan.Settings.Verify;

    public TimeSpan Elapsed => _services.Time.GetElapsedTime(_startedAt);

    /// <summary>Last lines of every instance, for a person who wants to know what went wrong.</summary>
    public string LastLines => string.Join(
        '\n', _instances.Select(instance => $"--- {instance.Name}, last lines of {instance.OutputPath}\n{instance.Tail}"));

    /// <exception cref="BuildException">AMB5001 where an instance cannot be kept running, AMB6001 where no progress is made.</exception>
    /// <exception cref="OperationCanceledException">On Ctrl-C, after everything has ended.</exception>
    public async Task<WorkProgress> RunAsync(CancellationToken cancellation)
    {
        var state = RunState.Failed;
        string? outcome = null;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            foreach (var settings in _plan.Settings.Instances)
                _instances.Add(new SupervisedInstance(settings, _ports[settings.Name], _plan.Directory));
            Record(RunState.Running, null);
            foreach (var instance in _instances)
                Start(instance);
            _ = TickAsync(ending.Token);
            while (!IsOver)
                Handle(await _events.Reader.ReadAsync(cancellation), ending.Token);
            state = RunState.Done;
            return Progress;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            (state, outcome) = (RunState.Stopped, "stopped by the user");
            throw;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var failure = DirectoryFailed(e);
            outcome = failure.What;
            throw failure;
        }
        catch (Exception e)
        {
            outcome = e is BuildException known ? known.What : e.Message;
            throw;
        }
        finally
        {
            await ending.CancelAsync();
            await EndAsync(state, outcome);
        }
    }

    private bool IsOver => Verify.Kind switch
    {
        VerifyKind.PerformanceTest =>
            Progress.IsOver || (_jobDoneAt is { } at && _services.Time.GetElapsedTime(at) > ServerMayLag),
        VerifyKind.LogPattern => _patternSeen,
        _ => false,
    };

    private void Handle(RunEvent happened, CancellationToken ending)
    {
        switch (happened)
        {
            case RunEvent.Output output:
                HandleLine(output);
                break;
            case RunEvent.Exited exited when exited.Life == exited.Instance.Life:
                HandleExit(exited.Instance, exited.ExitCode, ending);
                Record(RunState.Running, null);
                Observe(null, null);
                break;
            case RunEvent.RestartDue due:
                Start(due.Instance);
                break;
            case RunEvent.Tick:
                CheckDeadline();
                if (_services.Time.GetElapsedTime(_recordedAt) > TimeSpan.FromSeconds(1))
                    Record(RunState.Running, null);
                Observe(null, null);
                break;
        }
    }

    private void HandleLine(RunEvent.Output output)
    {
        var instance = output.Instance;
        instance.Write(output.Text);
        var line = LogLine.Parse(output.Text);
        var before = Progress;
        switch (line)
        {
            case LogLine.AppStarted started when output.Life == instance.Life:
                instance.App = _services.Processes.Find(started.Pid);
                Record(RunState.Running, null);
                break;
            case LogLine.Ready when output.Life == instance.Life:
                // Replay of a log is no progress and may be long; later restarts must show work before the deadline.
                if (!instance.WasEverReady)
                    _progressAt = _services.Time.GetTimestamp();
                instance.BecameReady(_services.Time.GetTimestamp());
                _services.Console.Event($"{instance.Name}: ready");
                Record(RunState.Running, null);
                break;
            case LogLine.CoordinatorError error:
                // A coordinator may say the same again at every try of something; once is enough for a person.
                if (!error.IsAppExit && !instance.Errors.Contains(error.Text))
                    _services.Console.Event($"{instance.Name}: {error.Text}");
                instance.Errors.Add(error.Text);
                break;
            case LogLine.Explanation explanation when instance.Errors.Count > 0:
                instance.Errors.Add(explanation.Text);
                break;
            case not null when Verify.Kind == VerifyKind.PerformanceTest && instance == Server:
                Progress = Progress.WithServerLine(line);
                break;
            case not null when Verify.Kind == VerifyKind.PerformanceTest && instance == Job:
                Progress = Progress.WithJobLine(line);
                break;
        }

        if (_pattern?.IsMatch(output.Text) == true)
            _patternSeen = true;
        if (Progress.IsAheadOf(before))
        {
            _progressAt = _services.Time.GetTimestamp();
            _instances.ForEach(each => each.Progressed());
        }

        if (Progress.JobDone)
            _jobDoneAt ??= _services.Time.GetTimestamp();
        Observe(instance, line);
    }

    private void HandleExit(SupervisedInstance instance, int exitCode, CancellationToken ending)
    {
        // The app shares its coordinator's fate, but an app of somebody else may not know that.
        if (instance.App is { } app)
            _services.Processes.Kill(app);
        TimeSpan? ready = instance.ReadyAt is { } at ? _services.Time.GetElapsedTime(at) : null;
        var life = RestartPolicy.Judge(instance.IsKilled, Verify.Kind, instance.MadeProgress, ready);
        var decision = RestartPolicy.Decide(exitCode, life, instance.Failures);
        instance.Ended(RestartPolicy.Failures(life, instance.Failures));
        if (instance == Job)
            Progress = Progress.WithJobRestarted();
        switch (decision)
        {
            case RestartDecision.Fail fail:
                throw InstanceFailed(instance, fail.Reason);
            case RestartDecision.Restart { After: var after } when after == TimeSpan.Zero:
                _services.Console.Event($"{instance.Name}: ended (exit code {exitCode}), restarted at once");
                Start(instance);
                break;
            case RestartDecision.Restart { After: var after }:
                _services.Console.Event($"{instance.Name}: ended (exit code {exitCode}), restarted in {Figures.Seconds(after)}");
                _ = RestartLaterAsync(instance, after, ending);
                break;
        }
    }

    private static BuildException InstanceFailed(SupervisedInstance instance, string reason) => new(
        ErrorCode.InstanceFailed,
        $"Instance {instance.Name} cannot be kept running: {reason}.",
        cause: instance.Errors.Count > 0 ? instance.Errors[0] : "The last lines of its output are above.",
        remedy: $"All of its output is in {instance.OutputPath}.",
        toolOutput: instance.Tail);

    private void Start(SupervisedInstance instance)
    {
        var life = instance.BeginLife();
        var request = new ProcessRequest(
            CoordinatorCommand.ResolveProgram("ImmortalCoordinator", _services.Paths.PublishedApp, File.Exists),
            CoordinatorCommand.Arguments(
                instance.Settings, _ports, Verify, _plan.Directory,
                program => CoordinatorCommand.ResolveProgram(program, _services.Paths.PublishedApp, File.Exists)))
        {
            WorkingDirectory = _plan.Directory.Path,
            OnOutputLine = line => PostAndWait(new RunEvent.Output(instance, life, line)),
            OnErrorLine = line => PostAndWait(new RunEvent.Output(instance, life, line)),
            ThrowOnFailure = false,
            Environment = CoordinatorCommand.Environment(Environment.GetEnvironmentVariable),
        };
        var process = _services.Runner.Start(request);
        instance.Started(process, _services.Processes.Find(process.Id));
        if (life == 1)
            _services.Console.Event($"{instance.Name}: started, pid {process.Id}");
        _ = ReportExitAsync(instance, life, process);
        Record(RunState.Running, null);
    }

    private async Task ReportExitAsync(SupervisedInstance instance, int life, IRunningProcess process) =>
        await PostAsync(new RunEvent.Exited(instance, life, await process.Exit));

    private async Task RestartLaterAsync(SupervisedInstance instance, TimeSpan after, CancellationToken ending)
    {
        await Task.Delay(after, _services.Time, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!ending.IsCancellationRequested)
            await PostAsync(new RunEvent.RestartDue(instance));
    }

    /// <summary>Waits while the loop is behind. Whatever comes after the end is dropped.</summary>
    private async Task PostAsync(RunEvent happened)
    {
        while (!_events.Writer.TryWrite(happened))
        {
            if (!await _events.Writer.WaitToWriteAsync())
                return;
        }
    }

    /// <summary>Called by the pump of a child's output, which is to stand still while the loop is behind: then the child's pipe fills.</summary>
    private void PostAndWait(RunEvent happened)
    {
        if (!_events.Writer.TryWrite(happened))
            PostAsync(happened).GetAwaiter().GetResult();
    }

    private async Task TickAsync(CancellationToken ending)
    {
        using var timer = new PeriodicTimer(TickPeriod, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending))
                _events.Writer.TryWrite(new RunEvent.Tick()); // one that finds no room is made up for by the next
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private void CheckDeadline()
    {
        if (Verify.Kind == VerifyKind.None || _services.Time.GetElapsedTime(_progressAt) <= Verify.Deadline)
            return;
        throw new BuildException(
            ErrorCode.VerificationFailed,
            $"No progress for {Figures.Clock(Verify.Deadline)} (verify.deadlineSeconds); "
                + (_pattern is null ? OracleVerdict.Judge(Progress, Verify.ExpectedBytes).Text : $"the pattern {_pattern} was not seen") + ".",
            toolOutput: LastLines,
            remedy: $"Look into {_plan.Directory.Path}.");
    }

    private void Observe(SupervisedInstance? instance, LogLine? line)
    {
        foreach (var observer in _observers)
            observer.Observe(this, instance, line);
    }

    private async Task EndAsync(RunState state, string? outcome)
    {
        try
        {
            foreach (var observer in _observers)
                observer.BeforeStop(this);
        }
        finally
        {
            // Read on: an instance ends only when all of its output is taken.
            var draining = DrainAsync();
            // In parallel: each may take a last checkpoint. What does not end in time is killed with all below it.
            await Task.WhenAll(_instances.Select(StopAsync));
            _events.Writer.TryComplete();
            await draining;
            CloseFiles(state, outcome);
        }
    }

    private async Task DrainAsync()
    {
        Exception? failure = null;
        await foreach (var happened in _events.Reader.ReadAllAsync())
        {
            if (failure is not null || happened is not RunEvent.Output output)
                continue;
            try
            {
                output.Instance.Write(output.Text);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        }

        if (failure is not null)
            WarnOfIncompleteRecord(failure);
    }

    private void CloseFiles(RunState state, string? outcome)
    {
        foreach (var instance in _instances)
        {
            instance.Ended(instance.Failures);
            Try(instance.Dispose);
        }

        Try(() => Record(state, outcome));

        void Try(Action write)
        {
            try
            {
                write();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Thrown from here it would take the place of the run's own outcome.
                WarnOfIncompleteRecord(e);
            }
        }
    }

    private BuildException DirectoryFailed(Exception e) => new(
        ErrorCode.InstanceFailed,
        $"The run's directory cannot be written: {_plan.Directory.Path}.",
        cause: e.Message,
        toolOutput: string.Join('\n', _instances.SelectMany(instance => instance.Errors)),
        remedy: "Make room on its disk: ./build.sh --target=Clean --scope=logs removes all runs.",
        inner: e);

    private void WarnOfIncompleteRecord(Exception e) =>
        _services.Console.Warning($"The record of run {_plan.Directory.Id} is not complete: {e.Message}");

    private async Task StopAsync(SupervisedInstance instance)
    {
        if (instance.Process is not { } process)
            return;
        var app = instance.App;
        try
        {
            await process.StopAsync(StopGrace);
            await process.DisposeAsync();
        }
#pragma warning disable CA1031 // Whatever keeps one from ending: the others are to be stopped all the same, and the run's own outcome counts.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _services.Console.Warning($"{instance.Name} (pid {process.Id}) could not be stopped: {e.Message}");
        }

        if (app is not null)
            _services.Processes.Kill(app);
    }

    private void Record(RunState state, string? outcome)
    {
        _recordedAt = _services.Time.GetTimestamp();
        RunStore.Write(_plan.Directory, new RunRecord
        {
            Id = _plan.Directory.Id,
            Target = _plan.Target,
            State = state,
            Started = _started,
            Ended = state == RunState.Running ? null : _services.Time.GetUtcNow(),
            Suite = ProcessIdentity.Current,
            Instances = [.. _instances.Select(instance => instance.ToRecord())],
            ExpectedBytes = Verify.Kind == VerifyKind.PerformanceTest ? Verify.ExpectedBytes : 0,
            ReceivedBytes = Progress.HighestReceived,
            OutOfOrder = Progress.OutOfOrder,
            Outcome = outcome,
        });
    }
}
