using Ambrosia.Binding;

namespace Ambrosia.PerformanceTest.CommandLine;

/// <summary>The options that Job and Server share.</summary>
public static class CommonOptions
{
    public static readonly CommandOption JobName = new("j", "jobName", "NAME", "the Job's instance name") { IsRequired = true };
    public static readonly CommandOption ServerName = new("s", "serverName", "NAME", "the Server's instance name") { IsRequired = true };
    public static readonly CommandOption ReceivePort = new("rp", "receivePort", "PORT", "where this app receives: the coordinator's send port") { IsRequired = true };
    public static readonly CommandOption SendPort = new("sp", "sendPort", "PORT", "where this app sends: the coordinator's receive port") { IsRequired = true };
    public static readonly CommandOption AutoContinue = new("c", "autoContinue", null, "start at once instead of waiting for Enter");
    public static readonly CommandOption Help = new("h", "help", null, "show this help");

    public static ImmortalOptions ReadEndpoint(CommandLineParser parsed, CommandOption ownName)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return new ImmortalOptions(ReadName(parsed, ownName), (int)parsed.GetNumber(ReceivePort, 1, 65535, 0), (int)parsed.GetNumber(SendPort, 1, 65535, 0));
    }

    /// <exception cref="UsageException">The name is empty.</exception>
    public static string ReadName(CommandLineParser parsed, CommandOption option)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(option);
        return parsed.GetText(option) is { Length: > 0 } name ? name : throw new UsageException($"--{option.Long} is empty");
    }
}
