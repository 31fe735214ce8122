using Cake.Core;
using Cake.Core.Configuration;
using Cake.Core.IO;
using Cake.Frosting;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Host;

/// <summary>The semantics that our host and the official one share; only the official API is used.</summary>
[NonParallelizable]
public sealed class CakeHostTests
{
    private static readonly Type[] Diamond = [typeof(Top), typeof(Left), typeof(Right), typeof(Bottom)];

    [Test]
    public void Dependencies_run_first_and_once()
    {
        using var run = new HostRun(Diamond).Run();

        Assert.That(run.Trace, Is.EqualTo(["Bottom", "Left", "Right", "Top"]));
        Assert.That(run.ExitCode, Is.Zero);
    }

    [Test]
    public void A_dependee_runs_before_the_task_it_names()
    {
        using var run = new HostRun([.. Diamond, typeof(Before)]).Run("--target=Left");

        Assert.That(run.Trace, Is.EqualTo(["Before", "Bottom", "Left"]));
    }

    [TestCase("--target", "left")]
    [TestCase("-t", "LEFT")]
    [TestCase("--Target", "Left")]
    public void A_target_is_found_by_every_spelling_of_the_switch_and_any_case_of_the_name(string option, string name)
    {
        Assert.That(new HostRun(Diamond).Run(option, name).Trace, Is.EqualTo(["Bottom", "Left"]));
    }

    [Test]
    public void Several_targets_set_up_once_and_share_their_dependencies()
    {
        using var run = new HostRun(Diamond).With(host => host.UseLifetime<TraceLifetime>()).Run("-t", "Left", "-t", "Right");

        Assert.That(run.Trace.Count(entry => entry.StartsWith("Setup", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(run.Trace.Where(entry => !entry.Contains(' ', StringComparison.Ordinal)), Is.EqualTo(["Bottom", "Left", "Right"]));
    }

    [TestCase("--exclusive")]
    [TestCase("-e")]
    public void Exclusive_leaves_the_dependencies_out(string option)
    {
        Assert.That(new HostRun(Diamond).Run(option).Trace, Is.EqualTo(["Top"]));
    }

    [Test]
    public void An_unknown_target_fails()
    {
        using var run = new HostRun(Diamond).Run("--target=Botom");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("'Botom' was not found"));
        Assert.That(run.Trace, Is.Empty);
    }

    [Test]
    public void A_dependency_that_should_not_run_is_skipped_with_its_reason()
    {
        using var run = new HostRun(typeof(AfterSkipped), typeof(Skipped)).Run("--target=AfterSkipped", "--verbosity=diagnostic");

        Assert.That(run.Trace, Is.EqualTo(["AfterSkipped"]));
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain("nothing to do here"));
    }

    [Test]
    public void A_target_that_should_not_run_fails()
    {
        using var run = new HostRun(typeof(Skipped)).Run("--target=Skipped");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("Could not reach target 'Skipped'"));
    }

    [Test]
    public void A_failure_ends_the_run_after_finally_and_teardown_with_its_message_and_exit_code_1()
    {
        using var run = new HostRun(typeof(AfterFails), typeof(Fails)).With(host => host.UseLifetime<TraceLifetime>()).Run("-t", "AfterFails");

        Assert.That(run.Trace, Is.EqualTo(["Setup AfterFails: Fails AfterFails", "Finally", "Teardown failed: the disk is full"]));
        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("Error: the disk is full"));
        Assert.That(run.Error, Does.Not.Contain("   at "));
    }

    [Test]
    public void Diagnostic_shows_the_whole_exception()
    {
        using var run = new HostRun(typeof(Fails)).Run("-t", "Fails", "--verbosity=diagnostic");

        Assert.That(run.Error, Does.Contain("   at "));
    }

    [Test]
    public void Continue_on_error_goes_on()
    {
        using var run = new HostRun(typeof(AfterFailsQuietly), typeof(FailsQuietly)).Run("-t", "AfterFailsQuietly");

        Assert.That(run.Trace, Is.EqualTo(["AfterFailsQuietly"]));
        Assert.That(run.ExitCode, Is.Zero);
    }

    [Test]
    public void On_error_swallows_the_exception()
    {
        using var run = new HostRun(typeof(Handles)).Run("-t", "Handles");

        Assert.That(run.Trace, Is.EqualTo(["OnError dealt with"]));
        Assert.That(run.ExitCode, Is.Zero);
    }

    [Test]
    public void On_error_that_throws_fails_the_run()
    {
        using var run = new HostRun(typeof(Rethrows)).Run("-t", "Rethrows");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("second"));
    }

    [TestCase(nameof(ExitsWith7))]
    [TestCase(nameof(ExitsWith7InAnAggregate))]
    public void The_exit_code_is_that_of_the_first_CakeException(string target)
    {
        Assert.That(new HostRun(typeof(ExitsWith7), typeof(ExitsWith7InAnAggregate)).Run("-t", target).ExitCode, Is.EqualTo(7));
    }

    [Test]
    public void A_failing_teardown_fails_the_run()
    {
        using var run = new HostRun(Diamond).With(host => host.UseTeardown<FailingTeardown>()).Run();

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("teardown failed too"));
    }

    [Test]
    public void A_failing_teardown_does_not_hide_the_failure_of_a_task()
    {
        using var run = new HostRun(typeof(Fails)).With(host => host.UseTeardown<FailingTeardown>()).Run("-t", "Fails");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("Error: the disk is full"));
    }

    [Test]
    public void The_task_lifetime_surrounds_every_task()
    {
        using var run = new HostRun(typeof(AfterSkipped), typeof(Skipped))
            .With(host => host.UseTaskLifetime<TraceTaskLifetime>())
            .Run("-t", "AfterSkipped");

        Assert.That(
            run.Trace, Is.EqualTo(["before Skipped", "after Skipped (skipped)", "before AfterSkipped", "AfterSkipped", "after AfterSkipped"]));
    }

    [TestCase("--dryrun")]
    [TestCase("--noop")]
    [TestCase("--whatif")]
    public void A_dry_run_numbers_the_tasks_and_runs_setup_and_teardown_alone(string option)
    {
        using var run = new HostRun(Diamond)
            .With(host => host.UseLifetime<TraceLifetime>().UseTaskLifetime<TraceTaskLifetime>())
            .Run(option);

        Assert.That(run.Trace, Is.EqualTo(["Setup Default: Bottom Left Right Default", "Teardown successful"]));
        Assert.That(run.Output, Does.Contain("1. Bottom\n2. Left\n3. Right\n4. Default\n"));
    }

    [TestCase("--tree")]
    [TestCase("--showtree")]
    public void Tree_prints_the_dependencies_and_runs_nothing(string option)
    {
        using var run = new HostRun(Diamond).Run(option);

        Golden.Verify("Host/tree.txt", run.Output);
        Assert.That(run.Trace, Is.Empty);
    }

    [TestCase("--description")]
    [TestCase("--descriptions")]
    [TestCase("--showdescription")]
    [TestCase("--showdescriptions")]
    public void Description_prints_a_table_and_runs_nothing(string option)
    {
        using var run = new HostRun(Diamond).Run(option);

        Golden.Verify("Host/description.txt", run.Table);
        Assert.That(run.Trace, Is.Empty);
    }

    [Test]
    public void A_missing_working_directory_fails()
    {
        using var run = new HostRun(Diamond).Run("--working=/no/such/directory");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("The working directory '/no/such/directory' does not exist."));
    }

    [Test]
    public void The_working_switch_beats_the_working_directory_of_the_host()
    {
        var before = Environment.CurrentDirectory;
        try
        {
            using var run = new HostRun(Diamond).With(host => host.UseWorkingDirectory("/no/such/directory")).Run("-w", "/");

            Assert.That(run.ExitCode, Is.Zero);
            Assert.That(Environment.CurrentDirectory, Is.EqualTo("/"));
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [Test]
    public void Tasks_are_awaited()
    {
        Assert.That(new HostRun(typeof(Awaits)).Run("-t", "Awaits").Trace, Is.EqualTo(["Awaits"]));
    }

    [Test]
    public void What_the_host_does_not_know_are_arguments_with_the_targets_among_them()
    {
        using var run = new HostRun(typeof(ReadsScope)).Run("-t", "ReadsScope", "--scope", "most", "--more=a b", "--more=\"c\"", "--on");

        Assert.That(run.Trace, Is.EqualTo(["more=[a b|\"c\"]", "on=[]", "scope=[most]", "target=[ReadsScope]"]));
    }

    [Test]
    public void Settings_come_from_the_host_and_an_argument_overrides_them()
    {
        var values = new List<string>();
        void Read(CakeHost host) => host
            .UseCakeSetting("Suite_Colour", "red").UseCakeSetting("Suite_Size", "small").UseLifetime<TraceLifetime>()
            .ConfigureServices(services => services.AddSingleton<IFrostingTask>(provider => new Reads(provider, values)));

        new HostRun().With(Read).Run("-t", "Reads", "--suite_size=large");

        Assert.That(values, Is.EqualTo(["red", "large"]));
    }

    [Test]
    public void A_task_without_a_run_method_is_no_error()
    {
        Assert.That(new HostRun(typeof(Empty)).Run("-t", "Empty").ExitCode, Is.Zero);
    }

    [Test]
    public void A_task_runs_with_the_context_of_the_host_and_is_skipped_with_a_warning_where_that_is_of_another_type()
    {
        Type[] tasks = [typeof(WantsOtherContext), typeof(Bottom)];
        using var fits = new HostRun(tasks).With(host => host.UseContext<OtherContext>()).Run("-t", "WantsOtherContext");
        using var doesNotFit = new HostRun(tasks).Run("-t", "WantsOtherContext");

        Assert.That(fits.Trace, Is.EqualTo(["WantsOtherContext"]));
        Assert.That(doesNotFit.Trace, Is.Empty);
        Assert.That(doesNotFit.Output, Does.Contain("WantsOtherContext"));
    }

    [Test]
    public void An_assembly_brings_its_public_tasks()
    {
        using var run = new HostRun().With(host => host.AddAssembly(typeof(Top).Assembly)).Run("--target=Right");

        Assert.That(run.Trace, Is.EqualTo(["Before", "Bottom", "Right"]));
    }

    [Test]
    public void Two_tasks_of_one_name_are_refused()
    {
        using var run = new HostRun(typeof(Bottom), typeof(Bottom)).Run("-t", "Bottom");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("Bottom"));
    }

    [Test]
    public void A_startup_registers_services()
    {
        using var run = new HostRun().With(host => host.UseStartup<AddsBottom>()).Run("-t", "Bottom");

        Assert.That(run.Trace, Is.EqualTo(["Bottom"]));
    }

    [TestCase("--version")]
    [TestCase("--info")]
    public void Version_and_info_run_nothing(string option)
    {
        using var run = new HostRun(Diamond).Run(option);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Is.Not.Empty);
        Assert.That(run.Trace, Is.Empty);
    }

    [Test]
    public void The_tool_path_is_a_setting()
    {
        DirectoryPath? path = null;
        new HostRun(typeof(Empty))
            .With(host => host.SetToolPath("/opt/tools").ConfigureServices(services => services.AddSingleton<IFrostingSetup>(
                provider => new ReadsToolPath(found => path = found, provider.GetRequiredService<ICakeEnvironment>()))))
            .Run("-t", "Empty");

        Assert.That(path?.FullPath, Is.EqualTo("/opt/tools"));
    }

    private sealed class AddsBottom : IFrostingStartup
    {
        public void Configure(IServiceCollection services) => services.AddSingleton<IFrostingTask, Bottom>();
    }

    private sealed class Reads(IServiceProvider services, List<string> values) : FrostingTask
    {
        public override void Run(ICakeContext context)
        {
            var configuration = services.GetRequiredService<ICakeConfiguration>();
            values.Add(configuration.GetValue("Suite_Colour"));
            values.Add(configuration.GetValue("Suite_Size"));
        }
    }

    private sealed class ReadsToolPath(Action<DirectoryPath> found, ICakeEnvironment environment) : FrostingSetup
    {
        public override void Setup(ICakeContext context, ISetupContext info) =>
            found(context.Configuration.GetToolPath(environment.WorkingDirectory, environment));
    }
}
