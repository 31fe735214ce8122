using Ambrosia.Build.Oracle;

namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>Follows a run from inside its event loop: a view, the killer of a proof, a measurement.</summary>
public interface IRunObserver
{
    /// <param name="run">As it is after the event.</param>
    /// <param name="instance">Whose line it was; null when time has passed or an instance ended.</param>
    /// <param name="line">What was said; null where it means nothing to the suite.</param>
    void Observe(LocalRun run, SupervisedInstance? instance, LogLine? line);

    /// <summary>The work is over or given up; the processes still live.</summary>
    void BeforeStop(LocalRun run)
    {
    }
}
