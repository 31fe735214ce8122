using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>
/// The API server's clock, which all times of the API are of. Asked until it answers, and then no more: two clocks do not drift apart within a run.
/// </summary>
internal sealed class ServerClock(ClusterServices services)
{
    private TimeSpan? _offset;

    /// <summary>How far it is ahead of this machine's; zero where the server does not say: as before Kubernetes 1.28, or while it cannot be reached.</summary>
    public async Task<TimeSpan> OffsetAsync(ClusterAccess access, CancellationToken cancellation)
    {
        if (_offset is { } known)
            return known;
        var before = services.Time.GetUtcNow();
        var server = await services.Kubectl.ServerTimeAsync(access, cancellation);
        if (server is not { } time)
            return TimeSpan.Zero;
        var offset = ClockOffset.Of(before, services.Time.GetUtcNow(), time);
        _offset = offset;
        if (offset.Duration() > ClockOffset.Notable)
        {
            services.Console.Warning(
                $"The clock of this machine is {Figures.Clock(offset.Duration())} {(offset < TimeSpan.Zero ? "ahead of" : "behind")} the cluster's: "
                + "set the wrong one right, since certificates and tokens depend on both.");
        }

        return offset;
    }
}
