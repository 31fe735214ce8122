namespace Ambrosia.Build;

/// <summary>Ctrl-C and SIGTERM as a cancellation. Everything that waits or starts a child takes its token.</summary>
public interface IShutdown
{
    CancellationToken Token { get; }

    /// <summary>130 after SIGINT, 143 after SIGTERM or SIGHUP, null while none came.</summary>
    int? ExitCode { get; }
}
