using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>Logs on local: a directory of their own for each run, below <c>artifacts/local/</c>.</summary>
public sealed class LocalLogStore(BuildPaths paths) : ILogStore
{
    public Task<StepOutcome> ProvisionAsync(CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(paths.LocalRuns);
            // A directory that is there already says nothing of a file system that is full or read-only by now.
            using var probe = new FileStream(
                Path.Combine(paths.LocalRuns, $".probe-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            probe.WriteByte(0);
            probe.Flush();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BuildException(
                ErrorCode.InstanceFailed, $"The directory for runs cannot be written: {paths.LocalRuns}", cause: e.Message,
                remedy: "Make the checkout writable, or room on its disk.", inner: e);
        }

        return Task.FromResult(new StepOutcome($"logs go below {paths.LocalRuns}"));
    }
}
