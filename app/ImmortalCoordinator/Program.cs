using System.Runtime.InteropServices;
using Ambrosia.Coordinator.AppChannel;
using Ambrosia.Coordinator.Options;
using Ambrosia.Coordinator.Storage;

namespace Ambrosia.Coordinator;

internal static class Program
{
    private static readonly string[] Verbs = ["run", "status", "checkpoint", "erase", "help"];

    public static int Main(string[] arguments)
    {
        var log = new CoordinatorLog(Console.Error);
        try
        {
            return arguments switch
            {
                ["run", .. var rest] => Run(CommandLine.ParseRun(rest), log),
                ["status", .. var rest] => Ask(CommandLine.ParseClient(rest), HttpMethod.Get, "status"),
                ["checkpoint", .. var rest] => Ask(CommandLine.ParseClient(rest), HttpMethod.Post, "checkpoint"),
                ["erase", .. var rest] => Erase(CommandLine.ParseErase(rest), log),
                [SharedFate.Verb, var coordinator, .. var app] when app.Length > 0 => SharedFate.Become(coordinator, app, log),
                ["--help" or "-h" or "help", ..] => Print(CommandLine.Help),
                [] => throw CommandLine.UnknownWord("verb", "(none)", Verbs),
                [var word, ..] => throw CommandLine.UnknownWord("verb", word, Verbs),
            };
        }
        catch (CoordinatorException error)
        {
            log.Error(error);
            return error.ExitCode;
        }
    }

    private static int Run(RunOptions options, CoordinatorLog log)
    {
        using var coordinator = new Coordinator(options, log, StepKiller.FromEnvironment());
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            if (context.Signal != PosixSignal.SIGINT || !options.Supervised)
                _ = coordinator.StopAsync(options.GracePeriod);
        }

        // A terminal's Ctrl-C reaches the whole foreground group; a supervisor stops us with SIGTERM when it is our turn.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        if (options.Supervised)
            new Thread(() => AwaitEndOfInput(coordinator, options)) { Name = "supervisor", IsBackground = true }.Start();
        return coordinator.Run();
    }

    private static void AwaitEndOfInput(Coordinator coordinator, RunOptions options)
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (input.Read(buffer) > 0)
            {
                // Nothing is ever said there; only its end counts.
            }
        }
        catch (IOException)
        {
            // As good as the end.
        }

        _ = coordinator.StopAsync(options.GracePeriod);
    }

    private static int Ask((string Host, int Port) address, HttpMethod method, string path)
    {
        // A status is known at once; a checkpoint takes as long as the app needs for it.
        using var client = new HttpClient { Timeout = method == HttpMethod.Get ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(10) };
        try
        {
            using var request = new HttpRequestMessage(method, $"http://{address.Host}:{address.Port}/{path}");
            using var response = client.Send(request);
            using var reader = new StreamReader(response.Content.ReadAsStream());
            var answer = reader.ReadToEnd().Trim();
            if (!response.IsSuccessStatusCode || answer.Length == 0)
            {
                throw new CoordinatorException(
                    Codes.Usage, $"The coordinator at {address.Host}:{address.Port} answered {(int)response.StatusCode}{(answer.Length > 0 ? ": " + answer : "")}.",
                    "It is not primary, or ended meanwhile.", "Look at its status and its log, and ask again.", ExitCodes.Restart);
            }

            Console.Out.WriteLine(answer);
            return ExitCodes.Clean;
        }
        catch (TaskCanceledException error)
        {
            throw new CoordinatorException(
                Codes.Usage, $"The coordinator at {address.Host}:{address.Port} did not answer within {client.Timeout.TotalSeconds:0} s.",
                "It is stopped, or its app is busy or hangs.", "Look at its log and at its app's output.", ExitCodes.Restart, error);
        }
        catch (HttpRequestException error)
        {
            throw new CoordinatorException(
                Codes.Usage, $"No coordinator answers at {address.Host}:{address.Port}: {error.Message}", "It is not running, or has another health port.",
                "Check --health-port.", ExitCodes.Restart, error);
        }
    }

    private static int Erase(string directory, CoordinatorLog log)
    {
        var erased = LogErasure.Erase(directory, log);
        return Print(erased == 0 ? $"Nothing to erase in {directory}." : $"{erased} files erased in {directory}.");
    }

    private static int Print(string text)
    {
        Console.Out.WriteLine(text);
        return ExitCodes.Clean;
    }
}
