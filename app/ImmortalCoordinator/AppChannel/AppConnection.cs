using System.Net.Sockets;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Peers;

namespace Ambrosia.Coordinator.AppChannel;

/// <summary>
/// The two one-way connections that the app opens: first to the receive port, and only when that one stands to the send port
/// (protocol, section 1). Each listener takes one connection.
/// </summary>
internal sealed class AppConnection : IDisposable
{
    private const string Host = "127.0.0.1";

    /// <summary>An app opens its second connection at once after the first; whoever does not for so long is a stranger.</summary>
    private static readonly TimeSpan SecondLimit = TimeSpan.FromSeconds(10);

    private Socket? _receiveListener;
    private Socket? _sendListener;

    public AppConnection(RunOptions options)
    {
        Options = options;
        _receiveListener = PeerSocket.Listen(Host, options.ReceivePort, "the app's output");
    }

    public Socket? FromApp { get; private set; }

    public Socket? ToApp { get; private set; }

    private RunOptions Options { get; }

    /// <summary>Waits for both connections.</summary>
    public void Accept(CoordinatorLog log)
    {
        while (true)
        {
            FromApp = _receiveListener!.Accept();
            PeerSocket.Close(_receiveListener);
            _sendListener = PeerSocket.Listen(Host, Options.SendPort, "the app's input");
            if (AcceptSecond())
                break;

            // The app says nothing before it is spoken to, and connects twice: whoever does otherwise is a stranger.
            log.Info("Dropped a connection to the receive port that is not the app's.");
            PeerSocket.Close(FromApp);
            PeerSocket.Close(_sendListener);
            _receiveListener = PeerSocket.Listen(Host, Options.ReceivePort, "the app's output");
        }

        PeerSocket.Close(_sendListener);
        FromApp.NoDelay = true;
        ToApp!.NoDelay = true;
    }

    public void Dispose()
    {
        PeerSocket.Close(_receiveListener);
        PeerSocket.Close(_sendListener);
        PeerSocket.Close(FromApp);
        PeerSocket.Close(ToApp);
    }

    /// <summary>False when the first connection speaks or ends before the second one is there, or the second one does not come.</summary>
    private bool AcceptSecond()
    {
        var ready = new List<Socket> { _sendListener!, FromApp! };
        Socket.Select(ready, null, null, SecondLimit);
        if (ready.Count == 0 || ready.Contains(FromApp!))
            return false;
        ToApp = _sendListener!.Accept();
        return true;
    }
}
