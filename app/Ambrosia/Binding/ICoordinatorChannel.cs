namespace Ambrosia.Binding;

/// <summary>The two byte streams between an app and its coordinator. Receiving is for one thread, sending for one thread at a time.</summary>
internal interface ICoordinatorChannel
{
    /// <summary>Whether <see cref="Receive"/> would return at once.</summary>
    bool DataAvailable { get; }

    /// <summary>Blocks until there are bytes; 0 means that the coordinator has closed the stream.</summary>
    int Receive(Span<byte> buffer);

    /// <summary>Blocks until all bytes are handed to the operating system.</summary>
    void Send(ReadOnlySpan<byte> bytes);
}
