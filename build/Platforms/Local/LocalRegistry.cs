using Ambrosia.Build.Platforms.Local.Publishing;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>On local there is no registry; to build is to publish the programs.</summary>
public sealed class LocalRegistry(AppPublisher publisher) : IImageRegistry
{
    public Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        Task.FromResult(new StepOutcome("not needed on local"));

    public Task<StepOutcome> BuildAsync(CancellationToken cancellation) => publisher.PublishAsync(cancellation);

    public Task<StepOutcome> PushAsync(CancellationToken cancellation) =>
        Task.FromResult(new StepOutcome("not needed on local"));
}
