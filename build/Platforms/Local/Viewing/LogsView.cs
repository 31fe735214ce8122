using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Viewing;

/// <summary>Prints what the instances of the running or last run have printed, each line with its instance's name.</summary>
public sealed class LogsView(RunStore store, IProcessTable processes, IBuildConsole console, TimeProvider time)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(200);

    /// <exception cref="BuildException">AMB5002 when there is no run, AMB1003 when it has no such instance.</exception>
    public async Task ShowAsync(LogsOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (store.Current(processes.IsAlive) is not [.., var (directory, record)])
            throw new BuildException(ErrorCode.RunNotFound, "There is no run yet.", remedy: "Start one with ./build.sh");
        var names = record.Instances.Select(instance => instance.Name).ToList();
        if (options.Instance is { } wanted)
        {
            if (!names.Contains(wanted, StringComparer.OrdinalIgnoreCase))
            {
                throw new BuildException(
                    ErrorCode.InvalidArgumentValue,
                    $"Run {record.Id} has no instance {wanted}.",
                    remedy: $"--instance={string.Join(" or --instance=", names)}");
            }

            names = [.. names.Where(name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase))];
        }

        var files = names.ConvertAll(name => new GrowingFile(name, directory.Output(name)));
        try
        {
            await FollowAsync(directory, files, options.Follow, cancellation);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private async Task FollowAsync(RunDirectory directory, List<GrowingFile> files, bool follow, CancellationToken cancellation)
    {
        // Files tell nobody on every file system that they have grown, so they are looked at.
        using var timer = new PeriodicTimer(LookPeriod, time);
        while (true)
        {
            var live = follow && RunStore.Read(directory) is { State: RunState.Running } record && processes.IsAlive(record.Suite);
            foreach (var file in files)
            {
                foreach (var line in file.ReadLines(final: !live))
                    console.Line($"{file.Name} | {line}");
            }

            if (!live || !await timer.WaitForNextTickAsync(cancellation))
                return;
        }
    }
}
