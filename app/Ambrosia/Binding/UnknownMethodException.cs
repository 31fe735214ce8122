namespace Ambrosia.Binding;

/// <summary>A logged message names a handler that the app lacks: usually an app older than its peers.</summary>
public sealed class UnknownMethodException : Exception
{
    public UnknownMethodException()
    {
    }

    public UnknownMethodException(string message)
        : base(message)
    {
    }

    public UnknownMethodException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
