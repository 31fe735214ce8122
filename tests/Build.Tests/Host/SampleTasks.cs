using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build.Tests.Host;

public abstract class Traced(Trace trace) : FrostingTask<ICakeContext>
{
    protected Trace Trace => trace;

    public override void Run(ICakeContext context) => trace.Add(GetType().Name);
}

[TaskDescription("The base")]
public sealed class Bottom(Trace trace) : Traced(trace);

[TaskDescription("One way up")]
[IsDependentOn(typeof(Bottom))]
public sealed class Left(Trace trace) : Traced(trace);

[TaskDescription("The other way up")]
[IsDependentOn(typeof(Bottom))]
public sealed class Right(Trace trace) : Traced(trace);

[TaskName("Default")]
[TaskDescription("All of it")]
[IsDependentOn(typeof(Left))]
[IsDependentOn(typeof(Right))]
public sealed class Top(Trace trace) : Traced(trace);

[IsDependeeOf(typeof(Bottom))]
public sealed class Before(Trace trace) : Traced(trace);

public sealed class Skipped(Trace trace) : Traced(trace), IFrostingTask
{
    public string SkippedMessage => "nothing to do here";

    public override bool ShouldRun(ICakeContext context) => false;
}

[IsDependentOn(typeof(Skipped))]
public sealed class AfterSkipped(Trace trace) : Traced(trace);

public sealed class Fails(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new InvalidOperationException("the disk is full");

    public override void Finally(ICakeContext context) => Trace.Add("Finally");
}

[IsDependentOn(typeof(Fails))]
public sealed class AfterFails(Trace trace) : Traced(trace);

[ContinueOnError]
public sealed class FailsQuietly(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new InvalidOperationException("never mind");
}

[IsDependentOn(typeof(FailsQuietly))]
public sealed class AfterFailsQuietly(Trace trace) : Traced(trace);

public sealed class Handles(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new InvalidOperationException("dealt with");

    public override void OnError(Exception exception, ICakeContext context) => Trace.Add($"OnError {exception?.Message}");
}

public sealed class Rethrows(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new InvalidOperationException("first");

    public override void OnError(Exception exception, ICakeContext context) => throw new InvalidOperationException("second", exception);
}

public sealed class ExitsWith7(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new CakeException(7, "seven");
}

public sealed class ExitsWith7InAnAggregate(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) => throw new AggregateException(new CakeException(7, "seven"), new CakeException(8));
}

public sealed class Awaits(Trace trace) : AsyncFrostingTask
{
    public override async Task RunAsync(ICakeContext context)
    {
        await Task.Yield();
        trace.Add(nameof(Awaits));
    }
}

public sealed class ReadsScope(Trace trace) : Traced(trace)
{
    public override void Run(ICakeContext context) =>
        Trace.AddRange(context.Arguments.GetArguments().OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}=[{string.Join('|', a.Value)}]"));
}

public sealed class Empty : FrostingTask;

public sealed class OtherContext(ICakeContext context) : FrostingContext(context);

public sealed class WantsOtherContext(Trace trace) : FrostingTask<OtherContext>
{
    public override void Run(OtherContext context) => trace.Add(nameof(WantsOtherContext));
}

public sealed class TraceLifetime(Trace trace) : FrostingLifetime
{
    public override void Setup(ICakeContext context, ISetupContext info) =>
        trace.Add($"Setup {info?.TargetTask.Name}: {string.Join(' ', info?.TasksToExecute.Select(task => task.Name) ?? [])}");

    public override void Teardown(ICakeContext context, ITeardownContext info) =>
        trace.Add($"Teardown {(info is { Successful: true } ? "successful" : $"failed: {info?.ThrownException?.Message}")}");
}

public sealed class TraceTaskLifetime(Trace trace) : FrostingTaskLifetime
{
    public override void Setup(ICakeContext context, ITaskSetupContext info) => trace.Add($"before {info?.Task.Name}");

    public override void Teardown(ICakeContext context, ITaskTeardownContext info) =>
        trace.Add($"after {info?.Task.Name}{(info is { Skipped: true } ? " (skipped)" : string.Empty)}");
}

public sealed class FailingTeardown : FrostingTeardown
{
    public override void Teardown(ICakeContext context, ITeardownContext info) => throw new InvalidOperationException("teardown failed too");
}
