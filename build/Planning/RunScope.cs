namespace Ambrosia.Build.Planning;

/// <summary>The tasks that this run reaches, known before it starts.</summary>
public sealed class RunScope(IEnumerable<string> tasks)
{
    private readonly HashSet<string> _tasks = new(tasks, StringComparer.OrdinalIgnoreCase);

    public bool Includes(string task) => _tasks.Contains(task);
}
