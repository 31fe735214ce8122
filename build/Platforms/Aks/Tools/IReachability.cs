namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <summary>Whether a host's port answers from this machine.</summary>
public interface IReachability
{
    Task<bool> IsReachableAsync(string host, int port, CancellationToken cancellation);
}
