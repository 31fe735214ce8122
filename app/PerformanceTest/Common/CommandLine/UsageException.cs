namespace Ambrosia.PerformanceTest.CommandLine;

/// <summary>The command line is wrong; the message says where and what is right.</summary>
public sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
