using Ambrosia.PerformanceTest.CommandLine;

namespace Ambrosia.PerformanceTest.Server;

internal static class Program
{
    private static readonly CommandOption Jobs = new("n", "numOfJobs", "COUNT", "how many Jobs send; with more than one they are called NAME0, NAME1, …; default 1");

    private static readonly CommandOption[] Options =
    [
        CommonOptions.JobName, CommonOptions.ServerName, CommonOptions.ReceivePort, CommonOptions.SendPort, Jobs, CommonOptions.AutoContinue, CommonOptions.Help,
    ];

    private static int Main(string[] args) => PerformanceTestProgram.Run(
        "Server",
        "receives what Jobs send, and counts it",
        Options,
        CommonOptions.ServerName,
        args,
        (parsed, output) => new ServerImmortal((int)parsed.GetNumber(Jobs, 1, 10_000, 1), output));
}
