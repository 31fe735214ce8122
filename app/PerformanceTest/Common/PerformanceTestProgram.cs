using System.Text;
using Ambrosia.Binding;
using Ambrosia.Hosting;
using Ambrosia.PerformanceTest.CommandLine;

namespace Ambrosia.PerformanceTest;

/// <summary>What the entry points of Job and Server have in common.</summary>
public static class PerformanceTestProgram
{
    /// <summary>Runs the immortal that <paramref name="create"/> makes of the parsed command line, and returns the exit code.</summary>
    public static int Run(
        string program,
        string summary,
        IReadOnlyList<CommandOption> options,
        CommandOption ownName,
        IReadOnlyList<string> arguments,
        Func<CommandLineParser, TextWriter, Immortal> create)
    {
        ArgumentNullException.ThrowIfNull(create);

        // One write a line, at once: a follower of the log, or a kill, must never see half a line.
        using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\n" };
        try
        {
            var parsed = CommandLineParser.Parse(options, arguments);
            if (parsed.Has(CommonOptions.Help))
            {
                output.WriteLine(HelpText.Of(program, summary, options));
                return ExitCode.Success;
            }

            parsed.RequireAll();
            var endpoint = CommonOptions.ReadEndpoint(parsed, ownName);
            var immortal = create(parsed, output);
            if (!parsed.Has(CommonOptions.AutoContinue))
            {
                output.WriteLine($"Pausing execution of {endpoint.InstanceName}. Press enter to deploy and continue.");
                Console.In.ReadLine();
            }

            return ImmortalHost.Run(immortal, endpoint);
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine($"{program}: {exception.Message}");
            Console.Error.WriteLine($"Try '{program} --help'.");
            return ExitCode.Usage;
        }
    }
}
