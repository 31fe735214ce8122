using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Tests.Cli;
using Cake.Core.Diagnostics;
using NSubstitute;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Host;

public sealed class FailureOutputTests
{
    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(7, 7)]
    [TestCase(255, 255)]
    [TestCase(-1, 1)]
    [TestCase(256, 1)]
    public void An_exit_code_is_one_that_a_shell_can_see(int host, int process)
    {
        Assert.That(FailureOutput.Normalise(host), Is.EqualTo(process));
    }

    [Test]
    public void A_BuildException_is_printed_as_it_is()
    {
        var error = new StringWriter();
        var code = FailureOutput.Guard(error, () => throw new BuildException(ErrorCode.ToolMissing, "no docker", remedy: "install it"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(error.ToString().ReplaceLineEndings("\n"), Is.EqualTo("AMB2001: no docker\n  fix:    install it\n"));
    }

    [Test]
    public void Any_other_exception_becomes_one_line_and_a_hint()
    {
        var error = new StringWriter();
        var code = FailureOutput.Guard(error, () => throw new InvalidOperationException("one\ntwo"));

        Assert.That(code, Is.EqualTo(1));
        Assert.That(
            error.ToString().ReplaceLineEndings("\n"),
            Is.EqualTo("AMB9001: one two\n  fix:    run again with --verbosity=diagnostic for the whole exception\n"));
    }

    [TestCase("Error: AMB5001: it died", false, "AMB5001: it died")]
    [TestCase("Error: it died", false, "AMB9001: it died\n  fix:    run again with --verbosity=diagnostic for the whole exception")]
    [TestCase("Error: System.X: it died\n   at Y", false, "System.X: it died\n   at Y")]
    [TestCase("An error occurred when executing task 'Deploy'.", false, "An error occurred when executing task 'Deploy'.")]
    [TestCase("a line of a task", true, "a line of a task")]
    [TestCase("An error occurred when executing task 'Deploy'.", true, null)]
    [TestCase("Error: A task was canceled.", true, null)]
    public void The_last_words_of_the_host_take_our_form_and_a_cancelled_run_has_none(string text, bool cancelled, string? printed)
    {
        Assert.That(FailureOutput.Rewrite(text, "Error: ", "An error occurred when executing task", cancelled), Is.EqualTo(printed));
    }

    [TestCase(LogLevel.Error, "Error: the key is s3cr3t-value")]
    [TestCase(LogLevel.Warning, "the key is s3cr3t-value")]
    [TestCase(LogLevel.Information, "the key is s3cr3t-value")]
    public void Whatever_is_logged_is_masked(LogLevel level, string text)
    {
        var mask = new SecretMask();
        mask.Add("s3cr3t-value");
        var log = new RecordingLog();

        new FailureLog(log, Substitute.For<IShutdown>(), mask).Write(Verbosity.Normal, level, "{0}", text);

        Assert.That(log.Entries, Has.Count.EqualTo(1).And.All.Contain("the key is ***").And.All.Not.Contain("s3cr3t"));
    }
}
