using System.Reflection;
using Ambrosia.Build.Tasks;
using Cake.Frosting;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Tasks;

public sealed class PipelineTests
{
    private static readonly Type[] Pipeline =
    [
        typeof(Configure), typeof(ProvisionStorage), typeof(ProvisionAcr), typeof(ProvisionAks),
        typeof(BuildImages), typeof(Push), typeof(Deploy), typeof(Verify),
    ];

    private static IEnumerable<Type> AllTasks =>
        typeof(BuildContext).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(IFrostingTask)));

    [Test]
    public void Each_step_of_the_pipeline_follows_the_one_before()
    {
        for (var i = 1; i < Pipeline.Length; i++)
            Assert.That(Dependencies(Pipeline[i]), Is.EqualTo(new[] { Pipeline[i - 1] }), Pipeline[i].Name);
    }

    [Test]
    public void Immortality_builds_but_does_not_deploy() =>
        Assert.That(Dependencies(typeof(Immortality)), Is.EquivalentTo(new[] { typeof(Push) }));

    [TestCase(typeof(Status))]
    [TestCase(typeof(Logs))]
    [TestCase(typeof(Clean))]
    [TestCase(typeof(Ambrosia.Build.Tasks.Test))]
    public void A_task_that_only_looks_or_removes_starts_nothing(Type task) => Assert.That(Dependencies(task), Is.Empty);

    [TestCaseSource(nameof(AllTasks))]
    public void Every_task_has_a_description(Type task) =>
        Assert.That(task.GetCustomAttribute<TaskDescriptionAttribute>()?.Description, Is.Not.Null.And.Not.Empty);

    private static IEnumerable<Type> Dependencies(Type task) =>
        task.GetCustomAttributes<IsDependentOnAttribute>().Select(attribute => attribute.Task);
}
