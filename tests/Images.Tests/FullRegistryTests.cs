using Ambrosia.Build.Errors;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>Docker tries for most of a minute, in which it does nothing: other tests go on meanwhile.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class FullRegistryTests
{
    [Test]
    public async Task A_registry_whose_disk_is_full_is_named_and_afterwards_the_same_push_succeeds(CancellationToken cancellation)
    {
        await using var disk = await SmallDisk.MountAsync(Path.Combine(Machinery.Temporary, "registry"), megabytes: 64, cancellation);
        await using var registry = await RegistryServer.StartAsync(disk.Path, anonymous: false, cancellation);
        var options = await SmallImage.BuildAsync("full", registry.Server, registry.Password, cancellation);
        BuildException error;
        using (disk.Fill())
        {
            using var suite = new Suite(options);
            error = await BuildTests.FailureAsync(() => suite.Registry.PushAsync(cancellation));
        }

        Assert.That(error.Code, Is.EqualTo(ErrorCode.PushFailed));
        Assert.That(error.Message, Does.Contain("500 Internal Server Error").And.Contain("its disk may be full").And.Contain("look at the registry's own log and disk"));
        using var again = new Suite(options);
        Assert.That((await again.Registry.PushAsync(cancellation)).Summary, Does.StartWith("pushed "));
    }
}
