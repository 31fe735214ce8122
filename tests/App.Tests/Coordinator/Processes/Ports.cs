using System.Net;
using System.Net.Sockets;

namespace Ambrosia.App.Tests.Coordinator.Processes;

/// <summary>
/// Ports for tests that stop and start what listens on them. They lie below the ephemeral range, so that no outgoing connection can take
/// one while its owner is down, each is given out once, and test runs of several checkouts at a time have a range each.
/// </summary>
internal static class Ports
{
    private const int First = 12_000;
    private const int RangeSize = 1000;
    private const int Ranges = 20;

    private static readonly Lazy<(int Start, FileStream Lock)> Range = new(Reserve);
    private static int _given;

    public static int Next()
    {
        while (true)
        {
            var port = Range.Value.Start + (Interlocked.Increment(ref _given) % RangeSize);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Some other program's.
            }
        }
    }

    /// <summary>The first range that no other test run holds; the lock goes with the process.</summary>
    private static (int Start, FileStream Lock) Reserve()
    {
        for (var i = 0; i < Ranges; i++)
        {
            try
            {
                var path = Path.Combine(Path.GetTempPath(), $"ambrosia-test-ports-{i}.lock");
                var held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
                AppDomain.CurrentDomain.ProcessExit += (_, _) => held.Dispose();
                return (First + (i * RangeSize), held);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Held by another run, perhaps another user's.
            }
        }

        throw new InvalidOperationException($"{Ranges} test runs at once");
    }
}
