using System.Runtime.InteropServices;

namespace Ambrosia.Build.Images;

/// <summary>How the app is compiled for an image. Decided by pure functions.</summary>
/// <param name="RuntimeIdentifier">.NET's name of the image's platform, such as <c>linux-x64</c>.</param>
/// <param name="Reason">Why in this mode, for a person.</param>
public sealed record PublishPlan(string RuntimeIdentifier, PublishMode Mode, string Reason)
{
    private static readonly string[] DebuggersFiles =
        ["createdump", "libmscordaccore.so", "libmscordbi.so", "libcoreclrtraceptprovider.so", "libclrgc.so", "libclrgcexp.so"];

    private static readonly string[] SymbolSuffixes = [".pdb", ".xml", ".dbg"];

    /// <param name="platform">As <c>linux/amd64</c>.</param>
    /// <param name="machine">This machine's runtime identifier.</param>
    /// <param name="hasLinker">Whether this machine has a C compiler and the C library's development files.</param>
    public static PublishPlan Decide(string platform, string machine, bool hasLinker)
    {
        var wanted = RuntimeIdentifierOf(platform);
        if (machine != wanted)
            return new(wanted, PublishMode.Trimmed, $"self-contained and trimmed: this machine ({machine}) cannot link for {wanted}");
        return hasLinker
            ? new(wanted, PublishMode.NativeAot, "Native AOT")
            : new(wanted, PublishMode.Trimmed, "self-contained and trimmed: Native AOT needs gcc or clang and the C library's development files");
    }

    /// <exception cref="ArgumentException">The settings allow no such platform.</exception>
    public static string RuntimeIdentifierOf(string platform) => platform switch
    {
        "linux/amd64" => "linux-x64",
        "linux/arm64" => "linux-arm64",
        _ => throw new ArgumentException($"{platform} is no platform of an image.", nameof(platform)),
    };

    /// <summary>The project below <c>app/</c>.</summary>
    public string Project => Mode == PublishMode.NativeAot ? "App.proj" : "Image/Image.csproj";

    public IReadOnlyList<string> Properties =>
    [
        "Configuration=Release",
        $"RuntimeIdentifier={RuntimeIdentifier}",
        Mode == PublishMode.NativeAot ? "PublishAot=true" : "SelfContained=true",
        "DebugType=none",
    ];

    /// <summary>In which of the Dockerfile's two directories a published file belongs; null leaves it out.</summary>
    /// <param name="ownNames">Names of the projects of the service, without the coordinator: what a change of the app's code changes.</param>
    public static string? DirectoryOf(string file, IReadOnlyCollection<string> ownNames)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(ownNames);
        if (DebuggersFiles.Contains(file) || SymbolSuffixes.Any(suffix => file.EndsWith(suffix, StringComparison.Ordinal)) || IsOf(file, "Image"))
            return null;
        return ownNames.Any(name => IsOf(file, name)) ? "app" : "runtime";
    }

    private static bool IsOf(string file, string project) =>
        file == project || file == project + ".dll" || file == project + ".deps.json" || file == project + ".runtimeconfig.json";

    /// <summary>What <see cref="Decide"/> needs to know of this machine.</summary>
    public static bool FindLinker(Func<string, bool> exists, string path)
    {
        ArgumentNullException.ThrowIfNull(exists);
        ArgumentNullException.ThrowIfNull(path);
        var architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64";
        string[] startFiles = [$"/usr/lib/{architecture}-linux-gnu/crt1.o", "/usr/lib64/crt1.o", "/usr/lib/crt1.o"];
        return path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                .Any(directory => exists(Path.Combine(directory, "clang")) || exists(Path.Combine(directory, "gcc")))
            && startFiles.Any(exists);
    }
}
