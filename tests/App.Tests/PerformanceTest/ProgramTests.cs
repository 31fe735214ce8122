using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ambrosia.Hosting;
using NUnit.Framework;

namespace Ambrosia.App.Tests.PerformanceTest;

/// <summary>The two programs as processes.</summary>
public class ProgramTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [TestCase("Job")]
    [TestCase("Server")]
    public async Task A_typo_is_refused_with_the_nearest_option_and_64(string program)
    {
        var (exitCode, output, errors) = await RunAsync(program, ["--jobNam=x"]);

        Assert.That(exitCode, Is.EqualTo(64));
        Assert.That(errors, Is.EqualTo($"{program}: unknown option '--jobNam=x'; the nearest known one is '--jobName'\nTry '{program} --help'.\n"));
        Assert.That(output, Is.Empty);
    }

    [TestCase("Job")]
    [TestCase("Server")]
    public async Task Missing_options_are_refused_with_64(string program)
    {
        var (exitCode, _, errors) = await RunAsync(program, ["-c"]);

        Assert.That(exitCode, Is.EqualTo(64));
        Assert.That(errors, Does.StartWith($"{program}: missing: --jobName=NAME, --serverName=NAME, --receivePort=PORT, --sendPort=PORT\n"));
    }

    [TestCase("Job", "--numOfRounds=COUNT")]
    [TestCase("Server", "--numOfJobs=COUNT")]
    public async Task Help_names_every_option_and_is_a_success(string program, string option)
    {
        var (exitCode, output, errors) = await RunAsync(program, ["--help"]);

        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.StartWith($"{program}: ").And.Contain(option).And.Contain("-rp, --receivePort=PORT"));
        Assert.That(errors, Is.Empty);
    }

    [Test]
    public async Task Help_tells_the_default_number_of_rounds_from_the_one_that_the_original_scripts_pass()
    {
        var (_, output, _) = await RunAsync("Job", ["--help"]);

        Assert.That(output, Does.Contain("default 13, as the original program's (its AKS scripts pass 20)"));
    }

    [Test]
    public async Task Without_auto_continue_the_program_waits_for_enter()
    {
        using var process = Start("Server", ["-j=job", "-s=srv", "-rp=1", "-sp=1"]);
        try
        {
            Assert.That(
                await process.StandardOutput.ReadLineAsync().WaitAsync(Deadline),
                Is.EqualTo("Pausing execution of srv. Press enter to deploy and continue."));
            Assert.That(process.HasExited, Is.False);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    [TestCase(false, 75, "[srv] ERROR: ")]
    [TestCase(true, 76, "[srv] ERROR: the coordinator's port does not speak the AMBROSIA protocol: ")]
    public async Task A_hang_up_and_random_bytes_end_the_process_with_one_line_and_a_code(bool sendsRandomBytes, int exitCode, string line)
    {
        using var receiving = Listen();
        using var sending = Listen();
        using var process = Start("Server", ["-c", "-j=job", "-s=srv", $"-rp={Port(sending)}", $"-sp={Port(receiving)}"]);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            using var fromApp = await receiving.AcceptAsync().WaitAsync(Deadline);
            using var toApp = await sending.AcceptAsync().WaitAsync(Deadline);

            if (sendsRandomBytes) await toApp.SendAsync(Enumerable.Range(1, 200).Select(number => (byte)(number * 37)).ToArray());
            else toApp.Close();
            await process.WaitForExitAsync().WaitAsync(Deadline);

            Assert.That(process.ExitCode, Is.EqualTo(exitCode));
            Assert.That((await errors).Trim().Split('\n'), Has.Length.EqualTo(1).And.One.StartsWith(line));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task An_interrupt_is_the_coordinators_business_but_a_termination_ends_the_app()
    {
        using var listener = Listen();
        using var process = Start("Server", ["-c", "-j=job", "-s=srv", "-rp=1", $"-sp={Port(listener)}"]);
        try
        {
            using var connection = await listener.AcceptAsync().WaitAsync(Deadline);

            await SignalAsync("-INT", process.Id);
            await SignalAsync("-TERM", process.Id);
            await process.WaitForExitAsync().WaitAsync(Deadline);

            Assert.That(process.ExitCode, Is.EqualTo(143), "130 would mean that the interrupt ended it");
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    [Test]
    [Platform("Linux")]
    public async Task A_dead_coordinator_named_in_the_environment_ends_the_app_before_it_connects()
    {
        using var dead = Process.Start("true");
        await dead.WaitForExitAsync();

        var (exitCode, _, errors) = await RunAsync("Server", ["-c", "-j=job", "-s=srv", "-rp=1", "-sp=1"], (EnvironmentVariables.CoordinatorPid, dead.Id.ToString(CultureInfo.InvariantCulture)));

        Assert.That(exitCode, Is.EqualTo(75));
        Assert.That(errors, Is.EqualTo("[srv] ERROR: the coordinator is gone already\n"));
    }

    [Test]
    [Platform("Linux")]
    public async Task The_death_of_the_parent_that_is_its_coordinator_ends_the_app()
    {
        var server = Path.Combine(TestContext.CurrentContext.TestDirectory, "Server");
        var start = new ProcessStartInfo("sh", ["-c", "AMBROSIA_COORDINATOR_PID=$$ \"$0\" -c -j=job -s=srv -rp=1 -sp=1 & echo $!; wait", server]) { RedirectStandardOutput = true };
        using var parent = Process.Start(start)!;
        var processId = int.Parse((await parent.StandardOutput.ReadLineAsync().WaitAsync(Deadline))!, CultureInfo.InvariantCulture);
        using var app = Process.GetProcessById(processId);
        try
        {
            parent.Kill();

            // The app holds the other end of this pipe, so its end is the pipe's.
            Assert.That(await parent.StandardOutput.ReadToEndAsync().WaitAsync(Deadline), Is.Empty);
        }
        finally
        {
            app.Kill();
        }
    }

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        return listener;
    }

    private static string Port(Socket listener) => ((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

    private static async Task SignalAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", [signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.That(kill.ExitCode, Is.Zero);
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = Start(program, arguments, environment);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Deadline);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    private static Process Start(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path.Combine(TestContext.CurrentContext.TestDirectory, program), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
