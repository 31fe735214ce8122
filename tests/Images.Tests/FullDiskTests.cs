using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The engine's own disk is full, for every test that runs meanwhile: so none does.</summary>
[NonParallelizable]
[CancelAfter(600_000)]
public sealed class FullDiskTests
{
    /// <summary>Nothing is under way that needs the disk.</summary>
    [OneTimeSetUp]
    public async Task AwaitTheImageAsync() => await BuiltApp.RequireAsync(CancellationToken.None);

    [TestCaseSource(typeof(DockerClient), nameof(DockerClient.All))]
    public async Task A_full_disk_is_named_and_afterwards_the_same_build_succeeds(DockerClient client, CancellationToken cancellation)
    {
        var name = $"large{Guid.NewGuid():N}";
        var context = Machinery.Checkout.AddContext(name, ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY large /\n"));
        var content = new byte[8 << 20];
        Random.Shared.NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(context, "large"), content, cancellation);
        using var suite = new Suite(BuildTests.Custom(name) with { Client = client });
        BuildException error;
        using (Machinery.EngineDisk.Fill())
            error = await BuildTests.FailureAsync(() => suite.Registry.BuildAsync(cancellation));

        Assert.That(error.Code, Is.EqualTo(ErrorCode.ImageBuildFailed));
        Assert.That(error.Message, Does.Contain("no space left on device").And.Contain("cause:  a disk is full").And.Contain("docker system prune"));
        Assert.That((await suite.Registry.BuildAsync(cancellation)).Summary, Does.StartWith("built "));
    }
}
