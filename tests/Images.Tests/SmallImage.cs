using Ambrosia.Testing.Docker;

namespace Ambrosia.Images.Tests;

/// <summary>An image of another application, built in a moment.</summary>
internal static class SmallImage
{
    /// <returns>The options with which it was built, for the registry of all tests.</returns>
    public static Task<SuiteOptions> BuildAsync(string name, CancellationToken cancellation) =>
        BuildAsync(name, Machinery.Registry.Server, Machinery.Registry.Password, cancellation);

    /// <returns>The options with which it was built.</returns>
    public static async Task<SuiteOptions> BuildAsync(string name, string server, string password, CancellationToken cancellation)
    {
        Machinery.Checkout.AddContext(name, ("Dockerfile", "ARG BASE_IMAGE=none\nFROM ${BASE_IMAGE}\nCOPY file /file\n"), ("file", name));
        var options = new SuiteOptions
        {
            ServiceName = name,
            Context = name,
            Dockerfile = $"{name}/Dockerfile",
            BaseImage = StandInImages.Small,
            Server = server,
            Password = password,
        };
        using var suite = new Suite(options);
        await suite.Registry.BuildAsync(cancellation);
        return options;
    }
}
