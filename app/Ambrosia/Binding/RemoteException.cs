namespace Ambrosia.Binding;

/// <summary>The callee answered an awaiting call with an exception; the message is the callee's.</summary>
public sealed class RemoteException : Exception
{
    public RemoteException()
    {
    }

    public RemoteException(string message)
        : base(message)
    {
    }

    public RemoteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
