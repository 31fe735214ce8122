using System.Reflection;
using Cake.Core;

namespace Cake.Frosting.Internal;

internal static class TaskDiscovery
{
    /// <summary>The public, concrete tasks of an assembly; internal ones are helpers, not steps.</summary>
    public static IEnumerable<Type> TasksOf(Assembly assembly) =>
        assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IFrostingTask)));

    public static string NameOf(Type task) => task.GetCustomAttribute<TaskNameAttribute>()?.Name ?? task.Name;

    /// <summary>The type that the task wants its context to be.</summary>
    public static Type ContextOf(Type task)
    {
        for (var type = task; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && IsTaskBase(type.GetGenericTypeDefinition()))
                return type.GetGenericArguments()[0];
        }

        return typeof(ICakeContext);
    }

    /// <summary>Whether the task has a <paramref name="method"/> of its own: one that it does not has no part in the run.</summary>
    public static bool Overrides(Type task, string method, params Type[] parameters)
    {
        var declaring = task.GetMethod(method, BindingFlags.Instance | BindingFlags.Public, parameters)?.DeclaringType;
        return declaring is null
            ? !HasTaskBase(task)
            : !(declaring.IsGenericType && IsTaskBase(declaring.GetGenericTypeDefinition()));
    }

    private static bool HasTaskBase(Type task)
    {
        for (var type = task.BaseType; type is not null; type = type.BaseType)
        {
            if (type.IsGenericType && IsTaskBase(type.GetGenericTypeDefinition()))
                return true;
        }

        return false;
    }

    private static bool IsTaskBase(Type type) => type == typeof(FrostingTask<>) || type == typeof(AsyncFrostingTask<>);
}
