using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>Two runs of the suite in one checkout must not publish to the same place at once.</summary>
public static class PublishLock
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits for another run that publishes to <paramref name="output"/>, and says so; the lock is held until the stream is closed.</summary>
    /// <exception cref="BuildException">AMB4001: artifacts/ cannot be written.</exception>
    public static async Task<FileStream> AcquireAsync(string output, IBuildConsole console, TimeProvider time, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(console);
        var path = output + ".lock";
        await WrittenAsync(output, () => Directory.CreateDirectory(Path.GetDirectoryName(path)!));
        using var timer = new PeriodicTimer(Period, time);
        for (var told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (IsHeldByAnother(e))
            {
                if (!told)
                    console.Event($"Waiting for another run that publishes the app ({path})");
                await timer.WaitForNextTickAsync(cancellation);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw NotWritable(output, e);
            }
        }
    }

    /// <exception cref="BuildException">AMB4001: artifacts/ cannot be written.</exception>
    public static async Task WrittenAsync(string output, Action write)
    {
        try
        {
            await Task.Run(write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(output, e);
        }
    }

    private static BuildException NotWritable(string output, Exception e) => new(
        ErrorCode.AppBuildFailed, $"The app cannot be published to {output}.", e.Message, "Make artifacts/ writable.", inner: e);

    /// <summary>ERROR_SHARING_VIOLATION on Windows; elsewhere .NET passes on the EWOULDBLOCK of flock (11 on Linux, 35 on macOS).</summary>
    private static bool IsHeldByAnother(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;
}
