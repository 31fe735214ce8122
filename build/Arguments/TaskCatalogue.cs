using System.Reflection;
using Cake.Frosting;

namespace Ambrosia.Build.Arguments;

/// <summary>The tasks of the suite and what they read, from the one declaration on each task. Help and every check start here.</summary>
public sealed class TaskCatalogue
{
    public const string DefaultTarget = "Default";

    private readonly Dictionary<string, TaskDefinition> _byName;

    /// <summary>Puts the tasks in the order of the pipeline: what <see cref="DefaultTarget"/> runs, as it runs it, then the others by name.</summary>
    public TaskCatalogue(IReadOnlyCollection<TaskDefinition> tasks)
    {
        _byName = tasks.ToDictionary(task => task.Name, StringComparer.OrdinalIgnoreCase);
        var pipeline = Closure([DefaultTarget]).ToList();
        Tasks = [.. pipeline, .. tasks.Except(pipeline).OrderBy(task => task.Name, StringComparer.OrdinalIgnoreCase)];
    }

    public IReadOnlyList<TaskDefinition> Tasks { get; }

    public static TaskCatalogue Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var types = assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IFrostingTask)))
            .ToList();
        return new TaskCatalogue([.. types.Select(type => Definition(type, types))]);
    }

    public TaskDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The tasks that a run of <paramref name="targets"/> reaches, dependencies first; unknown names are left out.</summary>
    public IReadOnlyList<TaskDefinition> Closure(IEnumerable<string> targets)
    {
        var reached = new List<TaskDefinition>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var target in targets)
            Visit(target);
        return reached;

        void Visit(string name)
        {
            if (Find(name) is not { } task || !seen.Add(task.Name))
                return;
            foreach (var dependency in task.Dependencies)
                Visit(dependency);
            reached.Add(task);
        }
    }

    private static TaskDefinition Definition(Type type, IEnumerable<Type> all) => new(
        NameOf(type),
        type.GetCustomAttribute<TaskDescriptionAttribute>()?.Description ?? string.Empty,
        [.. type.GetCustomAttributes<TaskArgumentAttribute>().Select(ArgumentDefinition.Of)],
        [
            .. type.GetCustomAttributes<IsDependentOnAttribute>().Select(attribute => NameOf(attribute.Task)),
            .. all.Where(other => other.GetCustomAttributes<IsDependeeOfAttribute>().Any(attribute => attribute.Task == type)).Select(NameOf),
        ],
        type.GetCustomAttribute<RunsAloneAttribute>()?.Reason);

    private static string NameOf(Type type) => type.GetCustomAttribute<TaskNameAttribute>()?.Name ?? type.Name;
}
