namespace Ambrosia.Build;

/// <summary>Absolute paths of the checkout. Nothing in the suite depends on the current directory.</summary>
public sealed record BuildPaths(string Root)
{
    public string Artifacts => Path.Combine(Root, "artifacts");

    /// <summary>The published programs: Job, Server, ImmortalCoordinator, side by side.</summary>
    public string PublishedApp => Path.Combine(Artifacts, "publish", "app");

    /// <summary>One directory a run on local.</summary>
    public string LocalRuns => Path.Combine(Artifacts, "local");

    public string Report => Path.Combine(Artifacts, "report");

    public string Benchmark => Path.Combine(Artifacts, "benchmark");

    public string TestResults => Path.Combine(Artifacts, "test-results");

    public string App => Path.Combine(Root, "app");

    public string Solution => Path.Combine(Root, "Ambrosia.slnx");

    public string DefaultConfiguration => Path.Combine(Root, "AmbrosiaAKSConf.json");

    /// <summary>The checkout that <paramref name="start"/> lies in: the nearest directory upwards that holds <c>Ambrosia.slnx</c>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is none.</exception>
    public static BuildPaths Find(string start)
    {
        for (var directory = new DirectoryInfo(start); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Ambrosia.slnx")))
                return new BuildPaths(directory.FullName);
        }

        throw new DirectoryNotFoundException($"No directory above {start} holds Ambrosia.slnx; run build.sh of a checkout.");
    }
}
