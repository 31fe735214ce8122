namespace Ambrosia.Binding;

/// <summary>How an immortal reaches its coordinator. Ports are named from the app's side.</summary>
/// <param name="InstanceName">The name under which other instances know this one.</param>
/// <param name="ReceivePort">Where the app receives: the coordinator's <c>--send-port</c>.</param>
/// <param name="SendPort">Where the app sends: the coordinator's <c>--receive-port</c>.</param>
public sealed record ImmortalOptions(string InstanceName, int ReceivePort, int SendPort)
{
    /// <summary>
    /// What the first start logs before anything else; it comes back to <see cref="Immortal.OnFirstStart"/>. The default is what
    /// AMBROSIA's C# apps send: the text "hello" with its length in front.
    /// </summary>
    public ReadOnlyMemory<byte> InitialMessage { get; init; } = new byte[] { 0x0A, (byte)'h', (byte)'e', (byte)'l', (byte)'l', (byte)'o' };
}
