using System.Text.Json;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>
/// A copy of this checkout in a directory of its own, so that neither the user's runs nor other tests' runs are seen or disturbed.
/// It brings along what build.sh has compiled and published here: what is current here is current in the copy.
/// </summary>
internal sealed class Checkout : IDisposable
{
    private static readonly string[] NotCopied = [".git", "artifacts", "tools", "AmbrosiaAKSConf.json"];
    private static readonly string[] Compiled = ["bin/Build/release", "build-sh", "publish"];

    private Checkout(string directory)
    {
        Root = Path.Combine(directory, "check out");
        Temp = Directory.CreateDirectory(Path.Combine(directory, "tmp")).FullName;
    }

    public string Root { get; }

    /// <summary>The temporary directory of everything that runs in this checkout.</summary>
    public string Temp { get; }

    public string Script => Path.Combine(Root, "build.sh");

    public string Artifacts => Path.Combine(Root, "artifacts");

    public static Checkout CopyOf(string root)
    {
        var copy = new Checkout(Directory.CreateTempSubdirectory("ambrosia-").FullName);
        Copy(root, copy.Root, name => !NotCopied.Contains(name));
        foreach (var output in Compiled)
        {
            var source = Path.Combine(root, "artifacts", output);
            if (Directory.Exists(source))
                Copy(source, Path.Combine(copy.Artifacts, output), _ => true);
        }

        return copy;
    }

    /// <summary>Starts build.sh. Verify's rounds are small here unless <paramref name="environment"/> says otherwise.</summary>
    public CommandLineProcess Start(IReadOnlyDictionary<string, string?>? environment, params string[] args)
    {
        var all = new Dictionary<string, string?>
        {
            ["TMPDIR"] = Temp,
            ["AMBROSIA_VERIFY_ROUNDS"] = "3",
            ["AMBROSIA_VERIFY_ROUND_BYTES"] = $"{4 << 20}",
            // Where it is set, it decides whether killed processes leave pipes behind; here the suite is to decide.
            ["DOTNET_EnableDiagnostics"] = null,
            // The report of a run in a test is none of the pipeline's that runs the test.
            ["GITHUB_STEP_SUMMARY"] = null,
            ["TF_BUILD"] = null,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            all[name] = value;
        return CommandLineProcess.Start(Script, "/", all, args);
    }

    public CommandLineProcess Start(params string[] args) => Start(null, args);

    public async Task<CommandLineResult> Run(IReadOnlyDictionary<string, string?>? environment, params string[] args)
    {
        using var run = Start(environment, args);
        return await run.Result(TimeSpan.FromMinutes(3));
    }

    public Task<CommandLineResult> Run(params string[] args) => Run(null, args);

    public string Write(string name, string content)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>The directories of all runs, oldest first.</summary>
    public IReadOnlyList<string> Runs()
    {
        var runs = Path.Combine(Artifacts, "local");
        return Directory.Exists(runs) ? [.. Directory.GetDirectories(runs).OrderBy(Directory.GetCreationTimeUtc)] : [];
    }

    /// <summary>What the only run's record says.</summary>
    public JsonElement Record() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Runs().Single(), "run.json"))).RootElement;

    /// <summary>Every file outside artifacts/, the temporary directory's too, with its size and time.</summary>
    public IReadOnlyList<string> Files()
    {
        // NuGet, which Cake loads, keeps its locks there for all programs of the machine.
        var entries = Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(Root)!, "*", SearchOption.AllDirectories)
            .Where(path => !path.StartsWith(Artifacts, StringComparison.Ordinal) && !path.Contains("/NuGetScratch", StringComparison.Ordinal));
        return
        [
            .. from path in entries.Order(StringComparer.Ordinal)
               let file = new FileInfo(path)
               select file.Exists ? $"{path} {file.Length} {file.LastWriteTimeUtc:O}" : path,
        ];
    }

    public void Dispose()
    {
        foreach (var process in RunningProcess.Below(Root))
            process.Kill();
        Directory.Delete(Path.GetDirectoryName(Root)!, recursive: true);
    }

    private static void Copy(string source, string target, Func<string, bool> isWanted)
    {
        Directory.CreateDirectory(target);
        foreach (var entry in new DirectoryInfo(source).EnumerateFileSystemInfos().Where(entry => isWanted(entry.Name)))
        {
            var path = Path.Combine(target, entry.Name);
            if (entry is DirectoryInfo directory)
                Copy(directory.FullName, path, _ => true);
            else
                File.Copy(entry.FullName, path); // keeps the time, by which build.sh knows whether sources changed
        }
    }
}
