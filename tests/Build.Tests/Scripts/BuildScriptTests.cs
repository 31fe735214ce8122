using NUnit.Framework;

namespace Ambrosia.Build.Tests.Scripts;

/// <summary>build.sh with a scripted dotnet: when it compiles, what it passes on, and what it says of a machine that is not ready.</summary>
[Platform(Exclude = "Win")]
public sealed class BuildScriptTests
{
    private ScriptSandbox _sandbox = null!;

    [SetUp]
    public void SetUp() => _sandbox = new ScriptSandbox();

    [TearDown]
    public void TearDown() => _sandbox.Dispose();

    [Test]
    public void It_compiles_once_and_says_so_in_two_lines_on_standard_error()
    {
        var first = _sandbox.Run();
        var second = _sandbox.Run();

        Assert.That(_sandbox.Compiles, Is.EqualTo(1));
        Assert.That(first.Error, Does.Match(@"\ACompiling the suite \(first run\) \.\.\.\nCompiled in \d+ s\.\n\z"));
        Assert.That(first.Output, Is.Empty);
        Assert.That(second.Error, Is.Empty);
    }

    [Test]
    public void Every_change_of_the_sources_is_noticed()
    {
        _sandbox.Run();
        Action[] changes =
        [
            () => File.WriteAllText(_sandbox.Source, "// two and more"),
            () => File.SetLastWriteTimeUtc(_sandbox.Source, DateTime.UtcNow.AddDays(-3)),
            () => File.WriteAllText(Path.Combine(_sandbox.Root, "build", "Two.cs"), "// new"),
            () => File.Move(Path.Combine(_sandbox.Root, "build", "Two.cs"), Path.Combine(_sandbox.Root, "build", "Three.cs")),
            () => File.Delete(Path.Combine(_sandbox.Root, "build", "Three.cs")),
            () => File.WriteAllText(Path.Combine(_sandbox.Root, "Directory.Packages.props"), "<Project />"),
            () => File.WriteAllText(Path.Combine(_sandbox.Root, ".editorconfig"), "root = true"),
            () => File.Delete(Path.Combine(_sandbox.Root, "artifacts", "bin", "Build", "release", "Build.dll")),
        ];

        foreach (var (change, index) in changes.Select((change, index) => (change, index)))
        {
            change();
            _sandbox.Run();
            Assert.That(_sandbox.Compiles, Is.EqualTo(index + 2), $"change {index}");
        }

        _sandbox.Run();
        Assert.That(_sandbox.Compiles, Is.EqualTo(changes.Length + 1));
    }

    [Test]
    public void A_failed_compile_is_shown_ends_the_run_and_is_tried_again()
    {
        _sandbox.Run();
        File.AppendAllText(_sandbox.Source, "!");
        _sandbox.Tell("breaks");
        var failed = _sandbox.Run("x");

        Assert.That(failed.ExitCode, Is.EqualTo(1));
        Assert.That(failed.Error, Does.Contain("error CS1002").And.Contain("AMB2002"));
        Assert.That(failed.Output, Is.Empty);

        _sandbox.Run();
        _sandbox.Untell("breaks");
        Assert.That(_sandbox.Run().ExitCode, Is.Zero);
        Assert.That(_sandbox.Compiles, Is.EqualTo(4));
    }

    [Test]
    public void Arguments_are_passed_on_as_they_are()
    {
        string[] args = ["", "a b", "\"quoted\"", "'single'", "*", "$HOME", "`id`", "\\", "two\nlines", "-n", "--", "ä"];

        var run = _sandbox.Run(args);

        Assert.That(run.Output, Is.EqualTo(string.Concat(args.Select(arg => $"<{arg}>\n"))));
    }

    [Test]
    public async Task The_exit_code_is_that_of_the_program()
    {
        Environment.SetEnvironmentVariable("FAKE_EXIT_CODE", "37");
        try
        {
            Assert.That((await _sandbox.Start(_sandbox.Script, "/")).ExitCode, Is.EqualTo(37));
        }
        finally
        {
            Environment.SetEnvironmentVariable("FAKE_EXIT_CODE", null);
        }
    }

    [Test]
    public async Task It_runs_from_any_directory_and_through_links()
    {
        var other = Directory.CreateDirectory(Path.Combine(_sandbox.Fake, "other place")).FullName;
        var absolute = Path.Combine(other, "absolute");
        var relative = Path.Combine(other, "relative");
        File.CreateSymbolicLink(absolute, _sandbox.Script);
        File.CreateSymbolicLink(relative, "absolute");

        ScriptResult[] runs =
        [
            await _sandbox.Start(_sandbox.Script, other, "x"),
            await _sandbox.Start(absolute, "/", "x"),
            await _sandbox.Start(relative, _sandbox.Root, "x"),
        ];

        Assert.That(runs.Select(run => run.Output), Is.All.EqualTo("<x>\n"));
        Assert.That(_sandbox.Compiles, Is.EqualTo(1));
    }

    [Test]
    public async Task Of_two_at_once_one_compiles_and_both_run()
    {
        _sandbox.Tell("waits");
        var first = _sandbox.Start(_sandbox.Script, "/", "first");
        var second = _sandbox.Start(_sandbox.Script, "/", "second");
        Assert.That(() => _sandbox.Compiles, Is.EqualTo(1).After(30_000, 20));
        _sandbox.Tell("go");
        var results = await Task.WhenAll(first, second);

        Assert.That(results.Select(run => run.Output), Is.EqualTo(new[] { "<first>\n", "<second>\n" }));
        Assert.That(_sandbox.Compiles, Is.EqualTo(1));
    }

    [Test]
    public void A_checkout_that_cannot_be_written_is_one_error_with_a_code()
    {
        // In its way: not even root can make a directory where a file is.
        File.WriteAllText(Path.Combine(_sandbox.Root, "artifacts"), "");

        var run = _sandbox.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Match(@"\AAMB2002: .* cannot be written\.\n  fix: .*\n\z"));
    }

    [TestCase("semi;colon")]
    [TestCase("per%cent")]
    public async Task A_path_that_MSBuild_cannot_take_is_refused(string name)
    {
        var other = Path.Combine(Path.GetDirectoryName(_sandbox.Root)!, name);
        Directory.CreateDirectory(other);
        var script = Path.Combine(other, "build.sh");
        File.Copy(_sandbox.Script, script);

        var run = await _sandbox.Start(script, "/");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.StartWith("AMB2002: ").And.Contain(name).And.Contain("move the checkout"));
    }

    [TestCase("INT", 130)]
    [TestCase("TERM", 143)]
    public void A_signal_while_it_compiles_ends_it_with_the_signals_exit_code(string signal, int exitCode)
    {
        _sandbox.Tell("signals", signal);

        var run = _sandbox.Run();

        Assert.That(run.ExitCode, Is.EqualTo(exitCode));
        Assert.That(run.Error, Does.EndWith("Cancelled.\n").And.Not.Contain("AMB2002"));
        Assert.That(run.Output, Is.Empty);
    }

    [Test]
    public void The_dotnet_that_it_found_is_the_one_that_the_program_finds()
    {
        _sandbox.Tell("where");

        Assert.That(_sandbox.Run().Output, Is.EqualTo(Path.Combine(_sandbox.Fake, "dotnet") + "\n" + _sandbox.Fake + "\n"));
    }

    [Test]
    public void An_SDK_that_is_too_old_is_named_with_what_to_install()
    {
        _sandbox.Tell("too-old");

        var run = _sandbox.Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("AMB2001").And.Contain("8.0.100").And.Contain("10.0.100").And.Contain("install"));
        Assert.That(_sandbox.Compiles, Is.Zero);
    }
}
