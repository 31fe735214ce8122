using System.Globalization;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Viewing;

/// <summary>Shows the running runs, or else the last one.</summary>
public sealed class StatusView(RunStore store, IProcessTable processes, IBuildConsole console)
{
    public void Show()
    {
        var runs = store.Current(processes.IsAlive);
        if (runs.Count == 0)
        {
            console.Line("Status: no run yet. Start one with ./build.sh");
            return;
        }

        foreach (var (directory, record) in runs)
        {
            foreach (var line in Describe(directory, record, processes.IsAlive))
                console.Line(line);
        }
    }

    /// <summary>A pure function of the record and of what lives.</summary>
    internal static IEnumerable<string> Describe(RunDirectory directory, RunRecord record, Func<ProcessIdentity, bool> isAlive)
    {
        var interrupted = record.State == RunState.Running && !isAlive(record.Suite);
        var state = interrupted ? "interrupted (the process that supervised it is gone)" : record.State.ToString().ToLowerInvariant();
        yield return $"Status: run {record.Id} ({record.Target}) is {state}{(record.Outcome is { } outcome ? $": {outcome}" : "")}";
        yield return Invariant($"  started    {record.Started.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")
            + (record.Ended is { } ended ? $", took {Figures.Clock(ended - record.Started)}" : "");
        if (record.ExpectedBytes > 0)
        {
            yield return Invariant($"  progress   {record.ReceivedBytes} of {record.ExpectedBytes} bytes received")
                + $" ({Figures.Percent(record.ReceivedBytes, record.ExpectedBytes)})"
                + (record.OutOfOrder is { } disorder ? Invariant($", {disorder} out of order") : "");
        }

        foreach (var instance in record.Instances)
        {
            yield return $"  {instance.Name}: {Describe(instance, isAlive)}";
            yield return Invariant($"    ports    coordinator {instance.Ports.Coordinator}, receive {instance.Ports.Receive}, send {instance.Ports.Send}, health {instance.Ports.Health}");
        }

        yield return $"  directory  {directory.Path}";
    }

    private static string Describe(InstanceRecord instance, Func<ProcessIdentity, bool> isAlive)
    {
        var restarts = Invariant($"{instance.Restarts} restarts");
        if (instance.Coordinator is not { } coordinator || !isAlive(coordinator))
            return $"not running, {restarts}";
        var app = instance.App is { } process && isAlive(process) ? Invariant($"pid {process.Pid}") : "not running";
        return Invariant($"{(instance.Ready ? "ready" : "starting")}, coordinator pid {coordinator.Pid}, app {app}, {restarts}");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
