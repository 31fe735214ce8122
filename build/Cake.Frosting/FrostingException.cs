namespace Cake.Frosting;

/// <summary>The host was put together or called wrongly.</summary>
// CA1032: the official type has these two constructors.
#pragma warning disable CA1032
public sealed class FrostingException : Exception
{
    public FrostingException(string message)
        : base(message)
    {
    }

    public FrostingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
