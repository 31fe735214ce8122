using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>An image on its way into nodes that have no registry.</summary>
[CancelAfter(300_000)]
public sealed class SavedImageTests
{
    [Test]
    public async Task A_full_disk_below_the_file_is_named_and_told_from_the_engine_s(CancellationToken cancellation)
    {
        var options = await SmallImage.BuildAsync("saved", cancellation);
        using var suite = new Suite(options with { Server = null, Password = null });
        await suite.Registry.BuildAsync(cancellation);
        var reference = (await suite.Registry.ResolveAsync(cancellation)).Reference;
        await using var disk = await SmallDisk.MountAsync(Path.Combine(Machinery.Temporary, "saved-disk"), megabytes: 64, cancellation);
        var file = Path.Combine(disk.Path, "saved.tar");
        BuildException error;
        using (disk.Fill())
            error = (await Assert.ThrowsAsync<BuildException>(() => suite.Docker.SaveAsync(reference, file, cancellation)))!;

        TestContext.Out.WriteLine(error.Message);
        Assert.That(error.Code, Is.EqualTo(ErrorCode.PushFailed));
        Assert.That(error.Message, Does.Contain("no space left on device").And.Contain($"the disk with {disk.Path} is full"));
        await suite.Docker.SaveAsync(reference, file, cancellation);
        Assert.That(new FileInfo(file).Length, Is.GreaterThan(0));
    }
}
