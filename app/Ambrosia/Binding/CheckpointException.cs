namespace Ambrosia.Binding;

/// <summary>A checkpoint is not what this app writes: it is another app's, or another version's.</summary>
public sealed class CheckpointException : Exception
{
    public CheckpointException()
    {
    }

    public CheckpointException(string message)
        : base(message)
    {
    }

    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
