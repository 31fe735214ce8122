using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The pod that empties an instance's folder, with the image that has no shell and no tools.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(600_000)]
public sealed class EraseTests
{
    private static readonly string User = $"{InstanceManifests.AppUser}:{InstanceManifests.AppUser}";

    [TestCase(false)]
    [TestCase(true)]
    public async Task The_eraser_of_the_manifest_empties_the_folder_of_a_stopped_instance_alone_and_it_starts_anew(bool onShare, CancellationToken cancellation)
    {
        var image = await SmallApp.RequireAsync(cancellation);
        var spec = KubernetesSpecs.Own(image, onShare, KubernetesSpecs.Server);
        using var volume = new TemporaryDirectory();
        var folder = Path.Combine(volume.Path, onShare ? "ambrosia/perftest/perftestserver" : "", InstanceManifests.LogsFolder);
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        await File.WriteAllTextAsync(Path.Combine(volume.Path, "anything"), "of somebody else", cancellation);
        await Command.RunAsync("chown", ["-R", User, volume.Path], new Dictionary<string, string?>(), cancellation);
        var eraser = LogEraser.Pod(spec, new LogFolder("perftest", "perftestserver")).Spec;
        Assert.That(eraser.Containers[0].SecurityContext.ReadOnlyRootFilesystem, Is.True);

        await using (var first = await RunAsync(spec, volume.Path, cancellation))
        {
            await using (var early = await ManifestContainer.StartAsync(eraser, volume.Path, new Dictionary<string, string>(), cancellation))
            {
                Assert.That(await early.ExitAsync(cancellation), Is.Not.Zero);
                Assert.That(await early.LogAsync(cancellation), Does.Contain("ERROR AMB5102: "), "an instance that runs keeps its logs");
            }

            Assert.That(Files(folder), Is.Not.Empty);
            // On a share a death would have to be waited for.
            await first.DockerAsync(cancellation, onShare ? ["stop", "--time", "30", first.Name] : ["kill", first.Name]);
        }

        if (!onShare)
        {
            await using var second = await RunAsync(spec, volume.Path, cancellation);
            Assert.That(await second.LogAsync(cancellation), Does.Match("Ready: .*, [1-9][0-9]* log records replayed"), "without the eraser it goes on");
            await second.DockerAsync(cancellation, "kill", second.Name);
        }

        var kept = Files(folder);
        await using (var erasing = await ManifestContainer.StartAsync(eraser, volume.Path, new Dictionary<string, string>(), cancellation))
            Assert.That(await erasing.ExitAsync(cancellation), Is.Zero, await erasing.LogAsync(cancellation));
        TestContext.Progress.WriteLine($"before: {string.Join(' ', kept)}; after: {string.Join(' ', Directory.GetFiles(folder).Select(Path.GetFileName))}");
        Assert.That(Files(folder), Is.Empty);
        Assert.That(File.Exists(Path.Combine(volume.Path, "anything")), Is.True);

        await using var third = await RunAsync(spec, volume.Path, cancellation);
        Assert.That(await third.LogAsync(cancellation), Does.Match("Ready: .*, 0 log records replayed"));
    }

    private static async Task<ManifestContainer> RunAsync(DeploymentSpec spec, string volume, CancellationToken cancellation)
    {
        var container = await ManifestContainer.StartAsync(
            InstanceManifests.StatefulSet(spec, KubernetesSpecs.Server).Spec.Template.Spec, volume, new Dictionary<string, string>(), cancellation);
        try
        {
            await container.AwaitAsync("Ready: ", cancellation);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>But for what keeps a second writer out.</summary>
    private static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file)).Where(name => name != "lock" && !name.EndsWith(".lease", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
