using Cake.Core;

namespace Cake.Frosting;

/// <summary>A step of a build.</summary>
public interface IFrostingTask
{
    /// <summary>Why the task was skipped, for the report; read once, before the run.</summary>
    string SkippedMessage => string.Empty;

    Task RunAsync(ICakeContext context);

    /// <summary>False: the task is skipped, or, where it is the target itself, the run fails.</summary>
    bool ShouldRun(ICakeContext context);

    /// <summary>Where it is overridden, an exception of the task is taken as dealt with unless this throws.</summary>
    void OnError(Exception exception, ICakeContext context);

    /// <summary>Called after the task, failed or not.</summary>
    void Finally(ICakeContext context);
}
