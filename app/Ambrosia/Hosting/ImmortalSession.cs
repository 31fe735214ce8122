using Ambrosia.Binding;

namespace Ambrosia.Hosting;

/// <summary>One life of an immortal, from connecting to its end.</summary>
internal sealed class ImmortalSession(Immortal immortal, ImmortalOptions options, TextWriter errors)
{
    private int _isEnding;

    /// <summary>Runs the immortal on the calling thread.</summary>
    /// <param name="exit">Ends the process at once; called from another thread when the coordinator goes away while a handler runs.</param>
    /// <param name="cancellation">Ends the wait for a coordinator.</param>
    /// <returns>The exit code.</returns>
    public int Run(Action<int> exit, CancellationToken cancellation)
    {
        CoordinatorConnection? connection = null;
        try
        {
            connection = CoordinatorConnection.Connect(options, cancellation);
            FateSharing.Watch(connection, () => End(Ending.Of(new CoordinatorGoneException()), exit));
            new MessageLoop(connection, immortal, options, Warn).Run();
            return ExitCode.Success;
        }
#pragma warning disable CA1031 // The end of the process: every reason becomes one line and a code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var ending = Ending.Of(exception);
            End(ending, static _ => { });
            return ending.ExitCode;
        }
        finally
        {
            // Only now: closing earlier would look like the coordinator's end to the watch, which would then name a wrong reason.
            connection?.Dispose();
        }
    }

    private void Warn(string message) => errors.WriteLine($"[{options.InstanceName}] WARNING: {message}");

    /// <summary>Both threads notice the end; the first one decides the line and the code.</summary>
    private void End(Ending ending, Action<int> exit)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) != 0) return;
        errors.WriteLine($"[{options.InstanceName}] ERROR: {ending.Message}");
        exit(ending.ExitCode);
    }
}
