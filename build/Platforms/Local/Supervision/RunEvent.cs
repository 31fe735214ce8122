namespace Ambrosia.Build.Platforms.Local.Supervision;

/// <summary>What happens to a run, in the one order in which its event loop sees it.</summary>
internal abstract record RunEvent
{
    public sealed record Output(SupervisedInstance Instance, int Life, string Text) : RunEvent;

    public sealed record Exited(SupervisedInstance Instance, int Life, int ExitCode) : RunEvent;

    public sealed record RestartDue(SupervisedInstance Instance) : RunEvent;

    /// <summary>Time has passed: deadlines and the progress line want a look.</summary>
    public sealed record Tick : RunEvent;
}
