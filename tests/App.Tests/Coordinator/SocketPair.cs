using System.Net;
using System.Net.Sockets;

namespace Ambrosia.App.Tests.Coordinator;

/// <summary>Two ends of one loopback connection.</summary>
internal sealed class SocketPair : IDisposable
{
    public SocketPair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Here = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Here.Connect(listener.LocalEndPoint!);
        There = listener.Accept();
        Here.ReceiveTimeout = There.ReceiveTimeout = 20_000;
    }

    /// <summary>The test's end.</summary>
    public Socket Here { get; }

    /// <summary>The end of what is tested.</summary>
    public Socket There { get; }

    /// <summary>Sends from the test's end, in the background when there is much, and ends the stream when asked to.</summary>
    public void Send(byte[] bytes, bool andEnd = false) => _ = Task.Run(() =>
    {
        for (var sent = 0; sent < bytes.Length;)
            sent += Here.Send(bytes.AsSpan(sent));
        if (andEnd)
            Here.Shutdown(SocketShutdown.Send);
    });

    public void Dispose()
    {
        Here.Dispose();
        There.Dispose();
    }
}
