using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Benchmarking;

/// <summary>Keeps the most memory that each kind of process held, over all runs of a benchmark.</summary>
public sealed class PeakMemoryObserver(IProcessTable processes, Dictionary<string, double> peaksMiB) : IRunObserver
{
    public void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line)
    {
    }

    public void BeforeStop(LocalRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        foreach (var instance in run.Instances)
        {
            Keep($"{instance.Name} coordinator", instance.Coordinator);
            Keep($"{instance.Name} app", instance.App);
        }
    }

    private void Keep(string name, ProcessIdentity? process)
    {
        if (process is not null && processes.PeakMemory(process) is { } bytes)
            peaksMiB[name] = Math.Max(peaksMiB.GetValueOrDefault(name), Math.Round(bytes / (double)Figures.Mebibyte, 1));
    }
}
