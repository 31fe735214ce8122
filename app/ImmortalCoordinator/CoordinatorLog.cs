namespace Ambrosia.Coordinator;

/// <summary>
/// The coordinator's own lines, on stderr and marked, so that they never mix with the app's output, which goes to stdout unchanged.
/// </summary>
internal sealed class CoordinatorLog(TextWriter writer)
{
    private readonly Lock _gate = new();

    public void Info(string message) => Write(message);

    public void Error(CoordinatorException error)
    {
        Write($"ERROR AMB{error.Code}: {error.Message}");
        if (error.Cause is not null)
            Write($"  cause: {error.Cause}");
        if (error.Fix is not null)
            Write($"  fix: {error.Fix}");
    }

    private void Write(string message)
    {
        lock (_gate)
        {
            writer.Write($"[coordinator] {message}\n");
            writer.Flush();
        }
    }
}
