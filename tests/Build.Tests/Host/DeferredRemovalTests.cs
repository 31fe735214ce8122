using System.Diagnostics;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
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

    [Test]
    [Platform("Linux")]
    public void What_another_process_uses_is_told_with_that_process()
    {
        var directory = Directory.CreateTempSubdirectory("ambrosia-removal-");
        using var user = Process.Start(new ProcessStartInfo("sleep", ["600"]) { WorkingDirectory = directory.FullName })!;
        try
        {
            Assert.That(() => DirectoryUsers.Of(directory.FullName), Is.EqualTo(new[] { $"sleep (pid {user.Id})" }).After(5000, 20));
            Assert.That(DirectoryUsers.Of(directory.FullName + "-another"), Is.Empty);
        }
        finally
        {
            user.Kill();
            directory.Delete();
        }
    }

    [Test]
    [Platform("Linux")]
    public void What_cannot_be_removed_is_an_error_with_a_code()
    {
        var removal = new DeferredRemoval();
        removal.RemoveAtExit("/proc/self/fdinfo");

        var error = Assert.Throws<BuildException>(() => removal.RemoveNow())!;

        Assert.That(error.Code, Is.EqualTo(ErrorCode.InstanceFailed));
        Assert.That(error.Message, Does.Contain("/proc/self/fdinfo remains").And.Contain("run Clean again"));
    }
}
