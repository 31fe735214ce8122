using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Scripts;

/// <summary>
/// -p:CakeFrosting=official takes Cake.Frosting from a package feed. The feed here is a directory that holds our own host packed under
/// that name and version, since not every feed has the official one.
/// </summary>
[NonParallelizable]
public sealed class OfficialHostTests
{
    private static readonly BuildPaths Paths = BuildPaths.Find(AppContext.BaseDirectory);

    private const string Nuspec = """
        <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
          <metadata>
            <id>Cake.Frosting</id>
            <version>7.0.0</version>
            <authors>stand-in</authors>
            <description>stand-in</description>
            <dependencies>
              <group targetFramework="net10.0">
                <dependency id="Microsoft.Extensions.DependencyInjection" version="10.0.0" />
                <dependency id="Spectre.Console" version="0.57.2" />
              </group>
            </dependencies>
          </metadata>
        </package>
        """;

    private string _temp = null!;

    [SetUp]
    public void SetUp() => _temp = Directory.CreateTempSubdirectory("ambrosia-official-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_temp, recursive: true);

    [Test]
    public async Task The_suite_restores_the_package_compiles_and_runs_without_our_host()
    {
        var copy = CopySources();
        var feed = PackStandIn();

        await DotNet(
            copy,
            ["build", "build/Build.csproj", "-p:CakeFrosting=official", $"-p:RestoreAdditionalProjectSources={feed}",
                $"-p:RestoreFallbackFolders={GlobalPackages}", "--nologo", "-v", "quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false"]);

        using var assets = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(copy, "artifacts", "obj", "Build", "project.assets.json")));
        var libraries = assets.RootElement.GetProperty("libraries").EnumerateObject().ToList();
        Assert.That(libraries.Single(library => library.Name == "Cake.Frosting/7.0.0").Value.GetProperty("type").GetString(), Is.EqualTo("package"));
        Assert.That(libraries.Select(library => library.Value.GetProperty("type").GetString()), Has.None.EqualTo("project"));
        Assert.That(Path.Combine(copy, "artifacts", "bin", "Cake.Frosting"), Does.Not.Exist);
        Assert.That(await DotNet(copy, ["artifacts/bin/Build/debug/Build.dll", "--target=Help"], solution: true), Does.Contain("Usage: ./build.sh"));
    }

    private static string GlobalPackages =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>The package is unpacked into a package directory of its own: the user's must not keep a stand-in.</summary>
    private async Task<string> DotNet(string directory, string[] args, bool solution = false)
    {
        if (solution)
            File.Copy(Paths.Solution, Path.Combine(directory, "Ambrosia.slnx"));
        var start = new ProcessStartInfo("dotnet", args) { WorkingDirectory = directory, RedirectStandardOutput = true };
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_temp, "packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment.Remove("CakeFrosting");
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.That(process.ExitCode, Is.Zero, output);
            return output;
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private string CopySources()
    {
        var copy = Path.Combine(_temp, "checkout");
        var files = Directory.EnumerateFiles(Path.Combine(Paths.Root, "build"), "*", SearchOption.AllDirectories)
            .Concat(Directory.EnumerateFiles(Paths.Root, "*.props"))
            .Append(Path.Combine(Paths.Root, "global.json"))
            .Append(Path.Combine(Paths.Root, ".editorconfig"));
        foreach (var file in files)
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Paths.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    private string PackStandIn()
    {
        var feed = Directory.CreateDirectory(Path.Combine(_temp, "feed")).FullName;
        using var package = ZipFile.Open(Path.Combine(feed, "Cake.Frosting.7.0.0.nupkg"), ZipArchiveMode.Create);
        using (var writer = new StreamWriter(package.CreateEntry("Cake.Frosting.nuspec").Open()))
            writer.Write(Nuspec);
        foreach (var pattern in (string[])["Cake.*.dll", "NuGet.*.dll", "Spectre.Console.Cli.dll"])
        {
            foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, pattern))
                package.CreateEntryFromFile(file, $"lib/net10.0/{Path.GetFileName(file)}");
        }

        return feed;
    }
}
