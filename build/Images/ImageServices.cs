using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Platforms.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Ambrosia.Build.Images;

public static class ImageServices
{
    private static readonly TimeSpan RegistryTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// What builds and pushes images. A platform adds its own <see cref="ImageRegistry"/>, made by <see cref="NewImageRegistry"/> with its
    /// <see cref="IRegistryAccess"/>.
    /// </summary>
    public static IServiceCollection AddImages(this IServiceCollection services)
    {
        services.TryAddSingleton<DockerCli>();
        return services
            .AddSingleton<ImageInputs>()
            .AddSingleton<ImageBuilder>()
            .AddSingleton<ImageLoader>()
            .AddSingleton<ConfiguredRegistryAccess>()
            .AddSingleton<ImagePublisher>()
            .AddSingleton(provider => new RegistryClient(
                new HttpClient { Timeout = RegistryTimeout }, provider.GetRequiredService<ISecretMask>()))
            .AddSingleton<ImageTools>();
    }

    /// <summary>The image of this deployment, in the registry that <paramref name="access"/> leads to.</summary>
    public static ImageRegistry NewImageRegistry(this IServiceProvider provider, IRegistryAccess access) =>
        new(access, provider.GetRequiredService<ImageTools>());
}
