using Microsoft.Extensions.DependencyInjection;

namespace Ambrosia.Build.Images;

public static class ImageServices
{
    public static IServiceCollection AddImages(this IServiceCollection services) => services;
}
