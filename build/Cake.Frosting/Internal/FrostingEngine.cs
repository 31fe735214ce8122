using System.Reflection;
using Cake.Core;
using Cake.Core.Diagnostics;

namespace Cake.Frosting.Internal;

/// <summary>Tells Cake's engine of the tasks and lifetimes that were registered.</summary>
internal sealed class FrostingEngine(
    ICakeEngine engine,
    IFrostingContext context,
    ICakeLog log,
    IEnumerable<IFrostingTask> tasks,
    IEnumerable<IFrostingSetup> setups,
    IEnumerable<IFrostingTeardown> teardowns,
    IEnumerable<IFrostingTaskSetup> taskSetups,
    IEnumerable<IFrostingTaskTeardown> taskTeardowns)
{
    public void Register()
    {
        foreach (var task in tasks)
            Register(task);
        if (setups.LastOrDefault() is { } setup)
            engine.RegisterSetupAction(info => setup.Setup(context, info));
        if (teardowns.LastOrDefault() is { } teardown)
            engine.RegisterTeardownAction(info => teardown.Teardown(context, info));
        if (taskSetups.LastOrDefault() is { } taskSetup)
            engine.RegisterTaskSetupAction(info => taskSetup.Setup(context, info));
        if (taskTeardowns.LastOrDefault() is { } taskTeardown)
            engine.RegisterTaskTeardownAction(info => taskTeardown.Teardown(context, info));
    }

    private void Register(IFrostingTask task)
    {
        var type = task.GetType();
        var builder = engine.RegisterTask(TaskDiscovery.NameOf(type));
        if (type.GetCustomAttribute<TaskDescriptionAttribute>() is { } description)
            builder.Description(description.Description);
        foreach (var dependency in type.GetCustomAttributes<IsDependentOnAttribute>())
            builder.IsDependentOn(TaskName(dependency.Task, type));
        foreach (var dependee in type.GetCustomAttributes<IsDependeeOfAttribute>())
            builder.IsDependeeOf(TaskName(dependee.Task, type));

        var wanted = TaskDiscovery.ContextOf(type);
        if (wanted.IsInstanceOfType(context))
            RegisterActions(task, builder, type, wanted);
        else
            builder.WithCriteria(_ => WarnOfContext(builder.Task.Name, wanted));
    }

    private void RegisterActions(IFrostingTask task, CakeTaskBuilder builder, Type type, Type wanted)
    {
        if (TaskDiscovery.Overrides(type, nameof(FrostingTask.Run), wanted)
            || TaskDiscovery.Overrides(type, nameof(IFrostingTask.RunAsync), wanted))
            builder.Does(_ => task.RunAsync(context));
        if (type.IsDefined(typeof(ContinueOnErrorAttribute), inherit: false))
            builder.ContinueOnError();
        if (TaskDiscovery.Overrides(type, nameof(IFrostingTask.ShouldRun), wanted))
            builder.WithCriteria(_ => task.ShouldRun(context), task.SkippedMessage);
        if (TaskDiscovery.Overrides(type, nameof(IFrostingTask.OnError), typeof(Exception), wanted))
            builder.OnError(exception => task.OnError(exception, context));
        if (TaskDiscovery.Overrides(type, nameof(IFrostingTask.Finally), wanted))
            builder.Finally(() => task.Finally(context));
    }

    private bool WarnOfContext(string task, Type wanted)
    {
        log.Warning("Task {0} cannot be run because its context, {1}, is not the host's, {2}.", task, wanted.Name, context.GetType().Name);
        return false;
    }

    private static string TaskName(Type dependency, Type dependent) =>
        dependency.IsAssignableTo(typeof(IFrostingTask))
            ? TaskDiscovery.NameOf(dependency)
            : throw new FrostingException($"The dependency '{dependency.FullName}' of '{dependent.FullName}' is not a task.");
}
