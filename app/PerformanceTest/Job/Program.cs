using System.Globalization;
using Ambrosia.PerformanceTest.CommandLine;

namespace Ambrosia.PerformanceTest.Job;

internal static class Program
{
    private const int DefaultMessageSize = 65536;
    private const int LargestMessageSize = 256 * 1024 * 1024;

    /// <summary>As many as AMBROSIA's own PerformanceTest has when -n is not given: from 64 KiB down to 16 bytes. Its AKS scripts give 20.</summary>
    private const int DefaultRounds = 13;

    private const long DefaultRoundBytes = 1L << 30;

    private static readonly CommandOption MaxMessageSize = new("mms", "maxMessageSize", "BYTES", "message size of the first round, at least 16; default 65536");
    private static readonly CommandOption NumberOfRounds = new("n", "numOfRounds", "COUNT", "how many rounds; default 13, as the original program's (its AKS scripts pass 20)");
    private static readonly CommandOption RoundBytes = new("rb", "round-bytes", "BYTES", "bytes sent per round; default 1073741824");
    private static readonly CommandOption NoDescendingSize = new("nds", "noDescendingSize", null, "draw each round's message size at random instead of halving it down to 16");

    private static readonly CommandOption[] Options =
    [
        CommonOptions.JobName, CommonOptions.ServerName, CommonOptions.ReceivePort, CommonOptions.SendPort,
        MaxMessageSize, NumberOfRounds, RoundBytes, NoDescendingSize, CommonOptions.AutoContinue, CommonOptions.Help,
    ];

    private static int Main(string[] args) => PerformanceTestProgram.Run(
        "Job", "sends rounds of messages to a Server, and measures them", Options, CommonOptions.JobName, args, Create);

    private static JobImmortal Create(CommandLineParser parsed, TextWriter output)
    {
        var rounds = new Rounds(
            (int)parsed.GetNumber(NumberOfRounds, 1, int.MaxValue, DefaultRounds),
            parsed.GetNumber(RoundBytes, Payload.MinimumSize, long.MaxValue, DefaultRoundBytes),
            (int)parsed.GetNumber(MaxMessageSize, Payload.MinimumSize, LargestMessageSize, DefaultMessageSize),
            Descending: !parsed.Has(NoDescendingSize));
        return new JobImmortal(
            rounds,
            CommonOptions.ReadName(parsed, CommonOptions.ServerName),
            NumberIn(CommonOptions.ReadName(parsed, CommonOptions.JobName)),
            TimeProvider.System,
            output);
    }

    /// <summary>Several Jobs of one Server are called NAME0, NAME1, …: the number tells the Server whose message it holds.</summary>
    private static int NumberIn(string name)
    {
        var digits = name.AsSpan(name.AsSpan().TrimEnd("0123456789").Length);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
