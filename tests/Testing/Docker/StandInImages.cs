using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace Ambrosia.Testing.Docker;

/// <summary>
/// Base images cannot be pulled in a closed network, so images made of this machine's own files stand in for them, under the very names that
/// the Dockerfiles have: what a Dockerfile says holds for them as it stands.
/// </summary>
public static class StandInImages
{
    public const string Default = "mcr.microsoft.com/dotnet/runtime-deps:10.0-noble";
    public const string Small = "mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled";

    private static readonly string[] MergedDirectories = ["bin", "sbin", "lib", "lib64"];

    // What the upstream image has, as far as Debian's packages of the same name go.
    private static readonly string[] Packages =
    [
        "base-files", "base-passwd", "bash", "ca-certificates", "coreutils", "dash", "debianutils", "findutils", "grep", "hostname", "libacl1",
        "libattr1", "libc-bin", "libc6", "libcrypt1", "libgcc-s1", "libgmp10", "libpcre2-8-0", "libselinux1", "libssl3", "libstdc++6", "libtinfo6",
        "sed", "sysvinit-utils", "tzdata", "util-linux", "zlib1g",
    ];

    // What Microsoft's chiseled image has: a C library and what .NET needs beside it; no shell, no tool.
    private static readonly string[] SmallLibraries =
        ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libssl.so.3", "libcrypto.so.3", "libz.so.1"];

    /// <summary>An image with nothing in it, for a processor that this machine does not have.</summary>
    public static Task ImportEmptyAsync(DockerEngine engine, string name, string platform, string temporary, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(engine);
        return ImportAsync(engine, name, platform, [], temporary, cancellation);
    }

    /// <summary>Gives the engine both.</summary>
    public static async Task ImportAsync(DockerEngine engine, string temporary, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(engine);
        var platform = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux/arm64" : "linux/amd64";
        await ImportAsync(engine, Default, platform, await DefaultFilesAsync(cancellation), temporary, cancellation);
        await ImportAsync(engine, Small, platform, SmallFiles(), temporary, cancellation);
    }

    private static async Task ImportAsync(
        DockerEngine engine, string name, string platform, IEnumerable<string> files, string temporary, CancellationToken cancellation)
    {
        var archive = Path.Combine(temporary, "base.tar");
        await using (var stream = File.Create(archive))
        await using (var writer = new TarWriter(stream))
        {
            foreach (var directory in MergedDirectories.Where(directory => new FileInfo("/" + directory).LinkTarget is not null))
                await writer.WriteEntryAsync("/" + directory, directory, cancellation);
            foreach (var file in files.Distinct().Order(StringComparer.Ordinal))
                await writer.WriteEntryAsync("/" + file, file, cancellation);
            // Kubernetes and docker mount over these.
            foreach (var (directory, mode) in new[] { ("tmp", 0x3FF), ("proc", 0x16D), ("sys", 0x16D), ("dev", 0x1ED) })
                await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = (UnixFileMode)mode }, cancellation);
        }

        await engine.DockerAsync(cancellation, "import", "--platform", platform, archive, name);
        File.Delete(archive);
    }

    private static async Task<IEnumerable<string>> DefaultFilesAsync(CancellationToken cancellation)
    {
        var dpkg = Tools.Require("dpkg-query", "the stand-in for a base image is made of Debian's packages");
        var output = await Command.RunAsync(dpkg, ["--listfiles", .. Packages], new Dictionary<string, string?>(), cancellation);
        return output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(path => !path.StartsWith("/usr/share/", StringComparison.Ordinal) || path.StartsWith("/usr/share/zoneinfo/", StringComparison.Ordinal))
            .Select(Merge)
            .Where(path => File.Exists("/" + path) || new FileInfo("/" + path).LinkTarget is not null)
            .Where(path => !Directory.Exists("/" + path))
            .Append("etc/passwd")
            .Append("etc/group")
            .Append("etc/ssl/certs/ca-certificates.crt");
    }

    private static IEnumerable<string> SmallFiles()
    {
        var directory = $"usr/lib/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu";
        var libraries = SmallLibraries.Select(library => $"{directory}/{library}").SelectMany(WithTarget);
        var zones = Directory.EnumerateFiles("/usr/share/zoneinfo", "*", SearchOption.AllDirectories).Select(file => file[1..]);
        var loader = Directory.EnumerateFiles("/" + directory, "ld-linux-*.so.*").Concat(Directory.EnumerateFiles("/usr/lib64", "ld-linux-*.so.*"))
            .Select(file => file[1..]).SelectMany(WithTarget);
        return libraries.Concat(loader).Concat(zones).Append("etc/ssl/certs/ca-certificates.crt");
    }

    private static IEnumerable<string> WithTarget(string path)
    {
        yield return path;
        if (File.ResolveLinkTarget("/" + path, returnFinalTarget: true) is { } target)
            yield return Merge(target.FullName);
    }

    /// <summary>Packages name files by the old directories, which are links into /usr.</summary>
    private static string Merge(string path)
    {
        var relative = path.TrimStart('/');
        var first = relative.Split('/')[0];
        return MergedDirectories.Contains(first) && relative != first && new FileInfo("/" + first).LinkTarget is not null ? $"usr/{relative}" : relative;
    }
}
