using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli;

public sealed class ScriptedProcessRunnerTests
{
    [Test]
    public async Task Commands_in_order_get_their_answers()
    {
        using var runner = new ScriptedProcessRunner(
            new ScriptedCommand("az", "group", "show") { ExitCode = 3, Error = "not found\n" },
            new ScriptedCommand("kubectl", "apply", "-f", "-") { StandardInput = "{}", Output = "a\nb\n" });
        var lines = new List<string>();
        var first = await runner.RunAsync(new ProcessRequest("az", ["group", "show"]) { ThrowOnFailure = false }, default);
        var second = await runner.RunAsync(
            new ProcessRequest("kubectl", ["apply", "-f", "-"]) { StandardInput = "{}", OnOutputLine = lines.Add }, default);
        Assert.That((first.ExitCode, first.StandardError, second.StandardOutput), Is.EqualTo((3, "not found\n", "a\nb\n")));
        Assert.That(lines, Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task A_failure_throws_unless_the_caller_judges()
    {
        using var runner = new ScriptedProcessRunner(new ScriptedCommand("az") { ExitCode = 1, Error = "no" });
        await Assert.ThrowsAsync<BuildException>(() => runner.RunAsync(new ProcessRequest("az", []), default));
    }

    [Test]
    public async Task A_command_that_is_not_in_the_script_fails_at_once_and_at_the_end()
    {
        var runner = new ScriptedProcessRunner();
        await Assert.ThrowsAsync<AssertionException>(() => runner.RunAsync(new ProcessRequest("az", []), default));
        Assert.Throws<AssertionException>(runner.Dispose);
    }

    [Test]
    public void A_command_that_never_comes_fails_at_the_end()
    {
        var runner = new ScriptedProcessRunner(new ScriptedCommand("az", "group", "create"));
        Assert.That(Assert.Throws<AssertionException>(runner.Dispose)!.Message, Is.EqualTo("Never asked for:\n  az [group] [create]"));
    }

    [TestCaseSource(nameof(Others))]
    public void A_command_that_differs_fails(ProcessRequest request)
    {
        var runner = new ScriptedProcessRunner(new ScriptedCommand("az", "a b", "c")
        {
            StandardInput = "in",
            WorkingDirectory = "/w",
            Environment = new Dictionary<string, string?> { ["X"] = "1" },
        });
        Assert.Throws<AssertionException>(() => runner.Start(request));
        Assert.Throws<AssertionException>(runner.Dispose);
    }

    private static IEnumerable<ProcessRequest> Others()
    {
        var right = new ProcessRequest("az", ["a b", "c"])
        {
            StandardInput = "in",
            WorkingDirectory = "/w",
            Environment = new Dictionary<string, string?> { ["X"] = "1" },
        };
        yield return right with { FileName = "kubectl" };
        yield return right with { Arguments = ["a", "b c"] };
        yield return right with { StandardInput = null };
        yield return right with { WorkingDirectory = "/" };
        yield return right with { Environment = new Dictionary<string, string?> { ["X"] = "2" } };
    }
}
