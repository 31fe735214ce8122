using Ambrosia.Testing;
using Ambrosia.Testing.Docker;
using NUnit.Framework;

namespace Ambrosia.Images.Tests;

/// <summary>The image for a processor that this machine does not have.</summary>
[Parallelizable(ParallelScope.Self)]
[CancelAfter(600_000)]
public sealed class ProcessorTests
{
    [Test]
    public async Task For_another_processor_it_is_built_without_an_emulator(CancellationToken cancellation)
    {
        // In a checkout of its own, so that it need not wait for what is compiled for this machine's processor.
        using var directory = new TemporaryDirectory();
        var checkout = new TestCheckout(directory.Path);
        // BuildKit looks for an image of another processor in registries alone.
        await using var open = await RegistryServer.StartAsync(null, anonymous: true, cancellation);
        var foreignBase = $"{open.Server}/foreign-base:1";
        await StandInImages.ImportEmptyAsync(Machinery.Engine, foreignBase, SuiteOptions.ForeignPlatform, Machinery.Temporary, cancellation);
        await Machinery.Engine.DockerAsync(cancellation, "push", foreignBase);
        var buildKit = DockerClient.WithBuildKit() ?? throw Tools.Missing("no docker client has BuildKit here: run tests/tools/install.sh as root");
        var options = new SuiteOptions { Platform = SuiteOptions.ForeignPlatform, BaseImage = foreignBase, ServiceName = "processor", Paths = checkout.Paths };
        using var suite = new Suite(options with { Client = buildKit });
        var outcome = await suite.Registry.BuildAsync(cancellation);

        Assert.That(outcome.Summary, Does.Contain($"({SuiteOptions.ForeignPlatform}, "));
        var program = Path.Combine(suite.Publisher.ContextOf(SuiteOptions.ForeignPlatform), "app", "Job");
        // e_machine of the ELF header: AArch64 is 0xB7, x86-64 is 0x3E.
        Assert.That((await File.ReadAllBytesAsync(program, cancellation))[18], Is.EqualTo(SuiteOptions.ForeignPlatform == "linux/arm64" ? 0xB7 : 0x3E));
    }
}
