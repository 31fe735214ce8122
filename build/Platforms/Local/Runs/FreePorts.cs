using System.Net;
using System.Net.Sockets;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>Ports that the kernel says are free. All are held open together while they are chosen, so that they differ.</summary>
public static class FreePorts
{
    private const int PerInstance = 4;

    public static IReadOnlyList<InstancePorts> Choose(int instances)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < instances * PerInstance; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            }

            var ports = sockets.ConvertAll(socket => ((IPEndPoint)socket.LocalEndPoint!).Port);
            return [.. ports.Chunk(PerInstance).Select(four => new InstancePorts(four[0], four[1], four[2], four[3]))];
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }
}
