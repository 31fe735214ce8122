using Ambrosia.Build.Arguments;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Arguments;

public sealed class HelpTextTests
{
    [Test]
    public void Help_tells_all_there_is()
    {
        Golden.Verify("Arguments/help.txt", new HelpText(SampleCatalogue.Create()).Full());
    }

    [Test]
    public void The_table_is_Markdown()
    {
        Golden.Verify("Arguments/help.md", new HelpText(SampleCatalogue.Create()).Markdown());
    }

    [Test]
    public void The_table_of_the_suite_is_the_one_that_the_README_shows()
    {
        Golden.Verify("Arguments/targets.md", new HelpText(TaskCatalogue.Of(typeof(BuildContext).Assembly)).Markdown());
    }

    [Test]
    public void Every_task_of_the_suite_says_what_it_does()
    {
        var tasks = TaskCatalogue.Of(typeof(BuildContext).Assembly).Tasks;

        Assert.That(tasks, Is.Not.Empty);
        Assert.That(tasks.Where(task => task.Description.Length == 0).Select(task => task.Name), Is.Empty);
    }

    [Test]
    public void One_name_takes_a_value_or_none_whoever_reads_it()
    {
        var arguments = TaskCatalogue.Of(typeof(BuildContext).Assembly).Tasks.SelectMany(task => task.Arguments)
            .Concat(KnownArguments.Suite).Concat(KnownArguments.Cake);
        var ambiguous = arguments.GroupBy(argument => argument.Name, StringComparer.OrdinalIgnoreCase)
            .Where(group => group.Select(argument => argument.Value is null).Distinct().Count() > 1)
            .Select(group => group.Key);

        Assert.That(ambiguous, Is.Empty);
    }

    [Test]
    public void No_task_takes_a_name_that_the_host_keeps_for_itself()
    {
        var taken = TaskCatalogue.Of(typeof(BuildContext).Assembly).Tasks.SelectMany(task => task.Arguments)
            .Where(argument => KnownArguments.Suite.Concat(KnownArguments.Cake).Any(known => known.IsCalled(argument.Name)));

        Assert.That(taken, Is.Empty);
    }
}
