using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Arguments;

public sealed class CommandLineTests
{
    private static readonly string Directory = Path.GetFullPath("/home/someone");

    [Test]
    public void Nothing_means_the_default_target()
    {
        Assert.That(Parse().HostArguments, Is.EqualTo(["--target=Default"]));
    }

    [TestCase("--target=deploy")]
    [TestCase("--target:Deploy")]
    [TestCase("--TARGET=Deploy")]
    [TestCase("-t=Deploy")]
    [TestCase("--target Deploy")]
    [TestCase("-t Deploy")]
    [TestCase("Deploy")]
    [TestCase("DEPLOY")]
    public void A_target_can_be_named_in_every_usual_way(string line)
    {
        Assert.That(Parse(line.Split(' ')).HostArguments, Is.EqualTo(["--target=Deploy"]));
    }

    [TestCase("Plan", "json")]
    [TestCase("Help", "markdown")]
    public void An_argument_of_two_tasks_takes_the_values_of_the_one_that_runs(string target, string format)
    {
        var catalogue = TaskCatalogue.Of(typeof(BuildContext).Assembly);

        Assert.That(
            CommandLine.Parse([$"--format={format}", target], catalogue, Directory).HostArguments,
            Is.EqualTo([$"--target={target}", $"--format={format}"]));
        Assert.That(
            () => CommandLine.Parse([$"--format={(format == "json" ? "markdown" : "json")}", target], catalogue, Directory),
            Throws.TypeOf<BuildException>().With.Property(nameof(BuildException.Code)).EqualTo(ErrorCode.InvalidArgumentValue));
    }

    [Test]
    public void An_answer_for_a_program_is_known_before_the_run()
    {
        var catalogue = TaskCatalogue.Of(typeof(BuildContext).Assembly);

        Assert.That(CommandLine.Parse(["Plan", "--format=json"], catalogue, Directory).AnswersAProgram, Is.True);
        Assert.That(CommandLine.Parse(["Plan"], catalogue, Directory).AnswersAProgram, Is.False);
    }

    [Test]
    public void The_tasks_of_a_run_are_those_that_its_targets_reach()
    {
        var catalogue = SampleCatalogue.Create();

        Assert.That(Parse("Deploy").TasksToRun(catalogue), Is.EqualTo(catalogue.Closure(["Deploy"]).Select(task => task.Name)));
        Assert.That(Parse("Deploy", "--exclusive").TasksToRun(catalogue), Is.EqualTo(["Deploy"]));
    }

    [Test]
    public void Several_targets_keep_their_order()
    {
        Assert.That(Parse("Immortality", "-t", "Deploy").Targets, Is.EqualTo(["Immortality", "Deploy"]));
    }

    [TestCase("--exclusive", "--exclusive")]
    [TestCase("-e", "--exclusive")]
    [TestCase("--whatif", "--dryrun")]
    [TestCase("--showtree", "--tree")]
    [TestCase("--showdescriptions", "--description")]
    [TestCase("--ver", "--version")]
    [TestCase("--info", "--info")]
    [TestCase("-v=d", "--verbosity=d")]
    [TestCase("--Verbosity=DIAGNOSTIC", "--verbosity=diagnostic")]
    [TestCase("--platform=local", "--platform=local")]
    public void Switches_reach_the_host_under_their_first_name(string typed, string passed)
    {
        Assert.That(Parse(typed).HostArguments, Is.EqualTo(["--target=Default", passed]));
    }

    [Test]
    public void A_flag_does_not_swallow_the_word_behind_it()
    {
        Assert.That(Parse("--resume", "Deploy").HostArguments, Is.EqualTo(["--target=Deploy", "--resume=true"]));
    }

    [TestCase("--resume=false", false)]
    [TestCase("--resume=TRUE", true)]
    public void A_flag_can_be_set_and_unset(string typed, bool passed)
    {
        Assert.That(Parse("Deploy", typed).HostArguments.Contains("--resume=true"), Is.EqualTo(passed));
    }

    [TestCase("a b \"c\" 'd' =:*?")]
    [TestCase("--filter")]
    public void A_value_is_passed_as_it_is(string value)
    {
        Assert.That(Parse("Immortality", $"--filter={value}").HostArguments, Does.Contain($"--filter={value}"));
    }

    [Test]
    public void A_path_is_taken_from_where_it_was_typed()
    {
        Assert.That(Parse("--config=../conf.json").HostArguments, Does.Contain($"--config={Path.GetFullPath("/home/conf.json")}"));
    }

    [TestCase("--help")]
    [TestCase("--help=true")]
    [TestCase("-?")]
    [TestCase("-h")]
    public void Help_wins_over_everything_else(string typed)
    {
        Assert.That(Parse("--scop=all", typed).HostArguments, Is.EqualTo(["--target=Help"]));
    }

    [TestCase("--target=Deplyo", "There is no target \"Deplyo\". Did you mean \"Deploy\"?")]
    [TestCase("Deplyo", "There is no target \"Deplyo\". Did you mean \"Deploy\"?")]
    [TestCase("--target=xyzzy", "There is no target \"xyzzy\".")]
    [TestCase("", "There is no target \"\".")]
    public void An_unknown_target_is_refused_with_the_nearest_name_and_the_list(string typed, string what)
    {
        var refusal = Refusal(typed);

        Assert.That(refusal.Code, Is.EqualTo(ErrorCode.UnknownTarget));
        Assert.That(refusal.What, Is.EqualTo(what));
        Assert.That(refusal.Remedy, Is.EqualTo("targets: Configure, Deploy, Verify, Default, Clean, Help, Immortality"));
    }

    [TestCase("--scop=all", "There is no argument \"--scop\". Did you mean \"--scope\"?")]
    [TestCase("--targets=Deploy", "There is no argument \"--targets\". Did you mean \"--target\"?")]
    [TestCase("--dry-run", "There is no argument \"--dry-run\". Did you mean \"--dryrun\"?")]
    [TestCase("-target=Deploy", "There is no argument \"-target\". Did you mean \"--target\"?")]
    [TestCase("-scope=all", "There is no argument \"-scope\". Did you mean \"--scope\"?")]
    [TestCase("scope=all", "There is no argument \"scope=all\". Did you mean \"--scope=all\"?")]
    [TestCase("-x", "There is no argument \"-x\".")]
    [TestCase("--", "There is no argument \"--\".")]
    [TestCase("-", "There is no argument \"-\".")]
    [TestCase("--=x", "There is no argument \"--\".")]
    public void An_unknown_argument_is_refused_with_the_nearest_name(string typed, string what)
    {
        var refusal = Refusal("Clean", typed);

        Assert.That(refusal.Code, Is.EqualTo(ErrorCode.UnknownArgument));
        Assert.That(refusal.What, Is.EqualTo(what));
    }

    [Test]
    public void A_target_that_runs_alone_is_refused_beside_others()
    {
        var refusal = Refusal("Clean", "Deploy", "--scope=all");

        Assert.That(refusal.Code, Is.EqualTo(ErrorCode.InvalidArgumentValue));
        Assert.That(refusal.What, Is.EqualTo($"Clean cannot run together with Deploy: it {SampleCatalogue.Alone}."));
        Assert.That(Parse("Clean", "clean", "--scope=all").Targets, Is.EqualTo(["Clean", "Clean"]));
    }

    [Test]
    public void A_working_directory_must_be_there()
    {
        var refusal = Refusal("--working=no-such-place");

        Assert.That(refusal.Code, Is.EqualTo(ErrorCode.InvalidArgumentValue));
        Assert.That(refusal.Message, Does.Contain(Path.Combine(Directory, "no-such-place")));
        Assert.That(Parse($"--working={Path.GetTempPath()}").HostArguments, Does.Contain($"--working={Path.GetTempPath()}"));
    }

    [Test]
    public void A_setting_of_cake_is_sent_to_cake_config()
    {
        Assert.That(Refusal("--settings_skippackageversioncheck=true").Remedy, Does.Contain("cake.config"));
    }

    [TestCase("--scope=moste", "--scope cannot be \"moste\". Did you mean \"most\"?")]
    [TestCase("--scope=everything", "--scope cannot be \"everything\".")]
    [TestCase("--scope", "--scope needs a value.")]
    [TestCase("--scope=", "--scope needs a value.")]
    [TestCase("--dryrun=perhaps", "--dryrun cannot be \"perhaps\".")]
    [TestCase("--platform=lokal", "--platform cannot be \"lokal\". Did you mean \"local\"?")]
    public void A_wrong_value_is_refused(string typed, string what)
    {
        var refusal = Refusal("Clean", typed);

        Assert.That(refusal.Code, Is.EqualTo(ErrorCode.InvalidArgumentValue));
        Assert.That(refusal.What, Is.EqualTo(what));
    }

    [TestCase("six")]
    [TestCase("-1")]
    [TestCase("1.5")]
    [TestCase("99999999999")]
    public void A_number_must_be_one(string value)
    {
        Assert.That(Refusal("Immortality", $"--kills={value}").Code, Is.EqualTo(ErrorCode.InvalidArgumentValue));
    }

    [Test]
    public void A_value_that_is_missing_is_not_taken_from_the_next_argument()
    {
        Assert.That(Refusal("Clean", "--scope", "--dryrun").What, Is.EqualTo("--scope needs a value."));
    }

    [Test]
    public void An_argument_that_the_target_does_not_read_is_refused_with_the_target_that_does()
    {
        var refusal = Refusal("Deploy", "--kills=3");

        Assert.That(refusal.What, Is.EqualTo("--kills means nothing to Deploy."));
        Assert.That(refusal.Remedy, Does.Contain("Immortality"));
    }

    [Test]
    public void An_argument_of_a_dependency_is_read()
    {
        Assert.That(Parse("Verify", "--resume").HostArguments, Does.Contain("--resume=true"));
    }

    [Test]
    public void An_argument_of_a_dependency_that_exclusive_leaves_out_is_refused()
    {
        Assert.That(Refusal("Verify", "--resume", "--exclusive").Code, Is.EqualTo(ErrorCode.UnknownArgument));
    }

    private static CommandLine Parse(params string[] args) => CommandLine.Parse(args, SampleCatalogue.Create(), Directory);

    private static BuildException Refusal(params string[] args) => Assert.Throws<BuildException>(() => Parse(args))!;
}
