namespace Ambrosia.Wire;

/// <summary>The bytes on a channel are not what the AMBROSIA protocol allows there. The stream cannot be read any further.</summary>
public sealed class ProtocolException : Exception
{
    public ProtocolException()
    {
    }

    public ProtocolException(string message)
        : base(message)
    {
    }

    public ProtocolException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
