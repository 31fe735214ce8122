using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Services that are not the performance test, and instances that cannot run.</summary>
public sealed class ServiceTests : CheckoutFixture
{
    private const string Greeter = """{ "name": "greeter", "command": ["/bin/sh", "-c", "echo Hello number 42; exec tail -f /dev/null"] }""";

    [Test]
    public async Task A_pattern_in_the_logs_ends_the_run_well()
    {
        Configure($$"""{ "platform": "local", "verify": { "kind": "logPattern", "pattern": "^Hello number \\d+$" }, "instances": [{{Greeter}}] }""");

        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.Zero, run.All);
        Assert.That(run.Lines, Has.One.EqualTo("Verify: greeter printed: Hello number 42"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task A_pattern_that_never_comes_fails_at_the_deadline_with_the_last_lines()
    {
        Configure($$"""
            { "platform": "local", "verify": { "kind": "logPattern", "pattern": "Goodbye", "deadlineSeconds": 10 }, "instances": [{{Greeter}}] }
            """);

        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB6001: ").And.Contain("Goodbye").And.Contain("Hello number 42"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task Without_verification_a_service_runs_until_it_is_stopped()
    {
        Configure($$"""{ "platform": "local", "verify": { "kind": "none" }, "instances": [{{Greeter}}] }""");
        using var run = Checkout.Start("Deploy");
        await Until.Holds(
            () => Checkout.Runs().Any(directory => Output(directory, "greeter").Contains("Hello number 42", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(60),
            () => run.Output + run.Error);

        await run.SignalGroup("INT");

        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.EqualTo(130), run.Error);
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [TestCase]
    [TestCase("--exclusive")]
    public async Task Immortality_is_refused_for_a_service_without_the_oracle(params string[] switches)
    {
        Configure($$"""{ "platform": "local", "verify": { "kind": "none" }, "instances": [{{Greeter}}] }""");

        var run = await Checkout.Run(["Immortality", .. switches]);

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB1013: ").And.Contain("verify.kind"));
        Assert.That(Checkout.Runs(), Is.Empty);
    }

    [Test]
    public async Task An_app_that_ends_at_once_is_given_up_with_its_last_lines()
    {
        Configure("""
            {
              "platform": "local", "verify": { "kind": "none" },
              "instances": [{ "name": "greeter", "command": ["/bin/sh", "-c", "echo no licence found; exit 3"] }]
            }
            """);

        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB5001: Instance greeter cannot be kept running").And.Contain("no licence found").And.Contain("exited with code 3"));
        Assert.That(Checkout.Record().GetProperty("state").GetString(), Is.EqualTo("failed"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task A_program_that_does_not_exist_is_named_at_once()
    {
        Configure("""
            { "platform": "local", "verify": { "kind": "none" }, "instances": [{ "name": "greeter", "command": ["no-such-program"] }] }
            """);

        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB5001: ").And.Contain("no-such-program").And.Contain("AMB51"));
        Assert.That(run.Output, Does.Not.Contain("restarted"));
    }

    [TestCase("INT", "*.checkpoint")]
    [TestCase("KILL", "*.log")]
    public async Task A_damaged_log_directory_is_refused_when_a_run_is_resumed(string signal, string damaged)
    {
        using (var run = Checkout.Start(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "2000" }))
        {
            await Until.Holds(() => run.Output.Contains("Round 2 of ", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => run.Output + run.Error);
            await run.SignalGroup(signal);
            await run.Exit(TimeSpan.FromSeconds(60));
        }

        var files = Directory.GetFiles(Path.Combine(Checkout.Runs().Single(), "perftestserver", "logs"), damaged);
        Assert.That(files, Is.Not.Empty);
        foreach (var file in files)
            await ChangeOneByte(file);

        var resumed = await Checkout.Run(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "2000" }, "--resume");

        Assert.That(resumed.ExitCode, Is.EqualTo(1), resumed.All);
        Assert.That(resumed.Error, Does.Contain("AMB5001: Instance perftestserver").And.Match("AMB51\\d\\d"));
        Assert.That(RunningProcess.Below(Checkout.Root), Is.Empty);
    }

    [Test]
    public async Task A_log_directory_that_cannot_be_made_is_named()
    {
        Checkout.Write("artifacts/local", "a file where the directory of runs belongs");

        var run = await Checkout.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1), run.All);
        Assert.That(run.Error, Does.Contain("AMB5001: ").And.Contain(Path.Combine(Checkout.Artifacts, "local")));
    }

    [Test]
    public async Task Random_bytes_on_every_port_do_no_harm()
    {
        using var run = Checkout.Start(new Dictionary<string, string?> { ["AMBROSIA_VERIFY_ROUNDS"] = "6", ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{64 << 20}" });
        await Until.Holds(() => run.Output.Contains("Round 1 of ", StringComparison.Ordinal), TimeSpan.FromSeconds(60), () => run.Output + run.Error);
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);

        foreach (var instance in Checkout.Record().GetProperty("instances").EnumerateArray())
        {
            foreach (var port in instance.GetProperty("ports").EnumerateObject())
                await Send(noise, port.Value.GetInt32());
        }

        Assert.That(await run.Exit(TimeSpan.FromSeconds(60)), Is.Zero, run.Output + run.Error);
        Assert.That(run.Output, Does.Contain("\nVerify: Bytes received 402653184 of 402653184, 0 out of order\n"));
    }

    private static async Task ChangeOneByte(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static async Task Send(byte[] bytes, int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await client.GetStream().WriteAsync(bytes);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // A port that refuses strangers is as good as one that ignores them.
        }
    }

    private static string Output(string run, string instance)
    {
        var path = Path.Combine(run, instance, "log.txt");
        if (!File.Exists(path))
            return "";
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
