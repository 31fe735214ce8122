namespace Ambrosia.Binding;

/// <summary>A handler of the immortal threw. The message says which one, <see cref="Exception.InnerException"/> what it threw.</summary>
public sealed class HandlerException : Exception
{
    public HandlerException()
    {
    }

    public HandlerException(string message)
        : base(message)
    {
    }

    public HandlerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
