using System.Net.Sockets;

namespace Ambrosia.Build.Platforms.Aks.Tools;

/// <inheritdoc cref="IReachability"/>
public sealed class TcpReachability : IReachability
{
    /// <summary>A host in another network is often silent instead of refusing.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    public async Task<bool> IsReachableAsync(string host, int port, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            await client.ConnectAsync(host, port, limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }
}
