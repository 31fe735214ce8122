namespace Ambrosia.Build.Images;

/// <summary>
/// How the app is compiled for an image, and where each file of it goes. .NET's runtime lies beside the programs, without what they do not use:
/// that compiles for every platform on every machine, to the same image. (Native AOT makes half of that, 4 MB instead of 8, but needs a C
/// compiler of the image's platform, and many times the processor time.) Pure.
/// </summary>
public static class ImageLayout
{
    /// <summary>Below <c>app/</c>: all programs, trimmed together.</summary>
    public const string Project = "Image/Image.csproj";

    // What only a debugger loads, and the garbage collectors that are not chosen.
    private static readonly string[] NeverLoaded =
        ["createdump", "libmscordaccore.so", "libmscordbi.so", "libcoreclrtraceptprovider.so", "libclrgc.so", "libclrgcexp.so"];

    private static readonly string[] SymbolSuffixes = [".pdb", ".xml"];

    /// <summary>.NET's name of a platform.</summary>
    /// <param name="platform">As <c>linux/amd64</c>.</param>
    /// <exception cref="ArgumentException">The settings allow no such platform.</exception>
    public static string RuntimeIdentifierOf(string platform) => platform switch
    {
        "linux/amd64" => "linux-x64",
        "linux/arm64" => "linux-arm64",
        _ => throw new ArgumentException($"{platform} is no platform of an image.", nameof(platform)),
    };

    /// <summary>Properties of MSBuild, as NAME=VALUE.</summary>
    public static IReadOnlyList<string> Properties(string runtimeIdentifier) =>
    [
        "Configuration=Release",
        $"RuntimeIdentifier={runtimeIdentifier}",
        "SelfContained=true",
        "DebugType=none",
        // The commit is no input: with it in every assembly each commit would make new layers of unchanged code.
        "IncludeSourceRevisionInInformationalVersion=false",
    ];

    /// <summary>In which of the Dockerfile's two directories a published file belongs; null leaves it out.</summary>
    /// <param name="ownNames">Names of the projects of the service, without the coordinator: what a change of the app's code changes.</param>
    public static string? DirectoryOf(string file, IReadOnlyCollection<string> ownNames)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(ownNames);
        if (NeverLoaded.Contains(file) || SymbolSuffixes.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal)) || IsOf(file, "Image"))
            return null;
        return ownNames.Any(name => IsOf(file, name)) ? "app" : "runtime";
    }

    private static bool IsOf(string file, string project) =>
        file == project || file == project + ".dll" || file == project + ".deps.json" || file == project + ".runtimeconfig.json";
}
