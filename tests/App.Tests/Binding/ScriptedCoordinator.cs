using System.Net;
using System.Net.Sockets;
using Ambrosia.Binding;
using Ambrosia.Hosting;
using Ambrosia.Wire;

namespace Ambrosia.App.Tests.Binding;

/// <summary>
/// A coordinator's two sockets on the loopback, opened in the protocol's order, and an app that runs against them in this process.
/// Disposing it hangs up, and waits for the app's end.
/// </summary>
internal sealed class ScriptedCoordinator : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly Socket _receiveListener = Bind();
    private readonly Socket _sendListener = Bind();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancellation = new();
    private readonly StringWriter _errors = new();
    private Socket? _fromApp;
    private Socket? _toApp;
    private Task<int>? _app;

    /// <summary>The code with which the process would have ended, from whichever thread noticed first.</summary>
    public Task<int> Exit => _exit.Task.WaitAsync(Deadline);

    public Task<int> App => _app!.WaitAsync(Deadline);

    public string Errors => _errors.ToString();

    public void StartApp(Immortal immortal)
    {
        var options = new ImmortalOptions("nca", Port(_sendListener), Port(_receiveListener)) { InitialMessage = "hi"u8.ToArray() };
        var session = new ImmortalSession(immortal, options, TextWriter.Synchronized(_errors));
        _app = Task.Factory.StartNew(
            () => session.Run(code => _exit.TrySetResult(code), _cancellation.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void CancelApp() => _cancellation.Cancel();

    /// <summary>Opens the receiving port, and only when the app has connected to it, the sending one.</summary>
    public async Task AcceptAsync()
    {
        _receiveListener.Listen(1);
        _fromApp = await _receiveListener.AcceptAsync().WaitAsync(Deadline);
        _receiveListener.Dispose();
        _sendListener.Listen(1);
        _toApp = await _sendListener.AcceptAsync().WaitAsync(Deadline);
        _sendListener.Dispose();
    }

    public async Task SendAsync(params byte[][] records)
    {
        foreach (var record in records) await _toApp!.SendAsync(record).WaitAsync(Deadline);
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var n = 0; n < count;)
        {
            var received = await _fromApp!.ReceiveAsync(bytes.AsMemory(n)).AsTask().WaitAsync(Deadline);
            if (received == 0) throw new EndOfStreamException("the app has hung up");
            n += received;
        }

        return bytes;
    }

    /// <summary>Reads messages from the app until <paramref name="count"/> have come, batches opened.</summary>
    public async Task<List<AppMessage>> ReadMessagesAsync(int count)
    {
        var messages = new List<AppMessage>();
        while (messages.Count < count)
        {
            List<byte> bytes = [];
            int size;
            do bytes.AddRange(await ReadAsync(1));
            while (VarInt.TryRead(bytes.ToArray(), out size) == 0);
            bytes.AddRange(await ReadAsync(size));
            if (bytes[^size] == (byte)MessageType.Checkpoint)
            {
                VarInt.TryRead(bytes.ToArray().AsSpan(bytes.Count - size + 1), out long length);
                bytes.AddRange(await ReadAsync((int)length));
            }

            messages.AddRange(AppMessage.ReadAll(bytes.ToArray()));
        }

        return messages;
    }

    public void HangUp(bool sendingSide = true, bool receivingSide = true)
    {
        if (sendingSide) _toApp?.Dispose();
        if (receivingSide) _fromApp?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        HangUp();
        _receiveListener.Dispose();
        _sendListener.Dispose();
        if (_app is not null) await App;
        _cancellation.Dispose();
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
