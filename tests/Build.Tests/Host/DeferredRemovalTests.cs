using NUnit.Framework;

namespace Ambrosia.Build.Tests.Host;

public sealed class DeferredRemovalTests
{
    [Test]
    public void Files_and_directories_go_when_it_is_time_and_not_before()
    {
        var directory = Directory.CreateTempSubdirectory("ambrosia-removal-").FullName;
        File.WriteAllText(Path.Combine(directory, "inside"), "x");
        var file = Path.GetTempFileName();
        var removal = new DeferredRemoval();
        removal.RemoveAtExit(directory);
        removal.RemoveAtExit(file);
        removal.RemoveAtExit(Path.Combine(directory, "gone by then"));
        Assert.That(directory, Does.Exist);

        removal.RemoveNow();

        Assert.That(directory, Does.Not.Exist);
        Assert.That(file, Does.Not.Exist);
    }
}
