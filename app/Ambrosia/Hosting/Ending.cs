namespace Ambrosia.Hosting;

/// <summary>Why an app ends: a line for people, and a code for the coordinator.</summary>
/// <param name="ExitCode">One of <see cref="Hosting.ExitCode"/>.</param>
/// <param name="Message">Without the instance's name.</param>
internal readonly record struct Ending(int ExitCode, string Message)
{
    /// <summary>Decides how an exception of the message loop ends the process.</summary>
    public static Ending Of(Exception exception) => exception switch
    {
        Binding.CoordinatorGoneException gone => new(Hosting.ExitCode.CoordinatorGone, $"{gone.Message}; this process ends with it"),
        Wire.ProtocolException wrong => new(Hosting.ExitCode.Protocol, $"the coordinator's port does not speak the AMBROSIA protocol: {wrong.Message}"),
        Binding.UnknownMethodException unknown => new(Hosting.ExitCode.Software, unknown.Message),
        Binding.CheckpointException checkpoint => new(Hosting.ExitCode.Software, $"the checkpoint cannot be restored: {checkpoint.Message}"),
        Binding.HandlerException handler => new(Hosting.ExitCode.Software, $"{handler.Message}: {handler.InnerException}"),
        System.Net.Sockets.SocketException socket => new(Hosting.ExitCode.CoordinatorGone, $"cannot connect to the coordinator: {socket.Message}"),
        _ => new(Hosting.ExitCode.Software, $"the app failed: {exception}"),
    };
}
