using Ambrosia.Build.Platforms;
using Ambrosia.Build.Settings;
using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build;

/// <summary>What a task sees. Nothing is loaded in the constructor: Frosting makes the context for --tree and --dryrun too.</summary>
public sealed class BuildContext(
    ICakeContext context, BuildPaths paths, ISettingsProvider settings, Lazy<IPlatform> platform, IShutdown shutdown)
    : FrostingContext(context)
{
    public BuildPaths Paths => paths;

    /// <inheritdoc cref="ISettingsProvider.Settings"/>
    public BuildSettings Settings => settings.Settings;

    public IPlatform Platform => platform.Value;

    public CancellationToken Cancellation => shutdown.Token;
}
