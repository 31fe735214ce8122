namespace Ambrosia.Binding;

/// <summary>The coordinator has closed a connection. An app cannot go on without its coordinator: only a new process, restored by a new coordinator, can.</summary>
public sealed class CoordinatorGoneException : Exception
{
    public CoordinatorGoneException()
        : this("the coordinator has closed the connection")
    {
    }

    public CoordinatorGoneException(string message)
        : base(message)
    {
    }

    public CoordinatorGoneException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
