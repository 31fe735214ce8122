using Ambrosia.Binding;

namespace Ambrosia.App.Tests.Binding;

/// <summary>A coordinator that says what it was given, in pieces of a chosen size, and then goes away.</summary>
internal sealed class ScriptedChannel(byte[] script, int pieceSize = int.MaxValue) : ICoordinatorChannel
{
    private readonly List<byte> _sent = [];
    private int _position;

    public bool DataAvailable => _position < script.Length;

    public byte[] Sent => _sent.ToArray();

    public List<string> Warnings { get; } = [];

    public List<AppMessage> Messages => AppMessage.ReadAll(Sent);

    /// <summary>Runs a life of <paramref name="immortal"/> to the end of the script.</summary>
    public static ScriptedChannel Run(Immortal immortal, params byte[][] script) => Run(immortal, int.MaxValue, script);

    public static ScriptedChannel Run(Immortal immortal, int pieceSize, params byte[][] script) => RunAs("nca", immortal, pieceSize, script);

    public static ScriptedChannel RunAs(string name, Immortal immortal, int pieceSize, params byte[][] script)
    {
        var channel = new ScriptedChannel([.. script.SelectMany(bytes => bytes)], pieceSize);
        channel.RunLife(name, immortal);
        return channel;
    }

    /// <summary>Runs a life of <paramref name="immortal"/> to the end of the script, or to the exception that ends it earlier.</summary>
    public void RunLife(string name, Immortal immortal)
    {
        try
        {
            new MessageLoop(this, immortal, new ImmortalOptions(name, 1, 2) { InitialMessage = "hi"u8.ToArray() }, Warnings.Add).Run();
        }
        catch (CoordinatorGoneException)
        {
            // The script has ended.
        }
    }

    public int Receive(Span<byte> buffer)
    {
        var count = Math.Min(Math.Min(buffer.Length, pieceSize), script.Length - _position);
        script.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public void Send(ReadOnlySpan<byte> bytes) => _sent.AddRange(bytes);
}
