using Ambrosia.Build.Cli;

namespace Ambrosia.Build.Reporting;

/// <param name="Name">The task.</param>
/// <param name="Outcome">succeeded, skipped or failed.</param>
/// <param name="Decision">What it did and why, in its own words; null when it said nothing.</param>
public sealed record StepEntry(string Name, string Outcome, string? Decision, double Seconds);

/// <param name="Command">Program and arguments; secrets masked.</param>
/// <param name="ExitCode">Null when it was ended by a timeout or a cancellation.</param>
public sealed record CallEntry(string Command, int? ExitCode, double Seconds)
{
    internal static CallEntry Of(CommandRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new CallEntry(record.CommandLine, record.ExitCode, Math.Round(record.Duration.TotalSeconds, 3));
    }
}

/// <param name="Seconds">Since the run's start.</param>
public sealed record ProgressSample(double Seconds, long ReceivedBytes);

/// <param name="Target">The target whose run it was.</param>
/// <param name="Rounds">Throughput per message size.</param>
/// <param name="Samples">What the Server had, over time.</param>
public sealed record RunFigures(
    string Target, string Run, IReadOnlyList<ThroughputRow> Rounds, IReadOnlyList<ProgressSample> Samples);

/// <summary>What is written to <c>artifacts/report/</c>.</summary>
public sealed record ReportDocument(
    bool Succeeded,
    string? Failure,
    DateTimeOffset Started,
    double Seconds,
    IReadOnlyList<StepEntry> Steps,
    IReadOnlyList<CallEntry> Calls,
    IReadOnlyList<RunFigures> Runs);

/// <summary>Gathers what happens, for the report at the end. Thread-safe: child processes end whenever they like.</summary>
public sealed class RunReport(CommandJournal journal, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly List<StepEntry> _steps = [];
    private readonly List<RunFigures> _runs = [];
    private readonly Dictionary<string, string> _decisions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>False while nothing ran that deserves a report: a dry run, or a target that only shows or removes something.</summary>
    public bool IsWanted { get; private set; }

    public void Want() => IsWanted = true;

    public void AddDecision(string task, string decision)
    {
        lock (_gate)
            _decisions[task] = decision;
    }

    public void AddStep(string task, string outcome, TimeSpan duration, string? reason = null)
    {
        lock (_gate)
            _steps.Add(new StepEntry(task, outcome, reason ?? _decisions.GetValueOrDefault(task), Math.Round(duration.TotalSeconds, 3)));
    }

    public void AddThroughput(RunFigures figures)
    {
        lock (_gate)
            _runs.Add(figures);
    }

    public ReportDocument Close(bool succeeded, string? failure)
    {
        lock (_gate)
        {
            var duration = time.GetUtcNow() - _started;
            return new ReportDocument(
                succeeded, failure, _started, Math.Round(duration.TotalSeconds, 3), [.. _steps], [.. journal.Records.Select(CallEntry.Of)], [.. _runs]);
        }
    }
}
