using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>The runs of this checkout: one directory each, below <c>artifacts/local/</c>.</summary>
public sealed class RunStore(BuildPaths paths, TimeProvider time)
{
    private const string RecordName = "run.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>A fresh directory; its name sorts by time and is unique also among runs that start together.</summary>
    public RunDirectory Create()
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var directory = new RunDirectory(Path.Combine(paths.LocalRuns, $"{stamp}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}"));
        Directory.CreateDirectory(directory.Path);
        return directory;
    }

    /// <summary>All runs with a readable record, oldest first.</summary>
    public IReadOnlyList<(RunDirectory Directory, RunRecord Record)> All()
    {
        if (!Directory.Exists(paths.LocalRuns))
            return [];
        var runs = new List<(RunDirectory, RunRecord)>();
        foreach (var path in Directory.EnumerateDirectories(paths.LocalRuns))
        {
            var directory = new RunDirectory(path);
            if (Read(directory) is { } record)
                runs.Add((directory, record));
        }

        return [.. runs.OrderBy(run => run.Item2.Started).ThenBy(run => run.Item2.Id, StringComparer.Ordinal)];
    }

    /// <summary>The runs that a person means by "the run": those in progress, oldest first, or else the last one; empty where there is none.</summary>
    public IReadOnlyList<(RunDirectory Directory, RunRecord Record)> Current(Func<ProcessIdentity, bool> isAlive)
    {
        ArgumentNullException.ThrowIfNull(isAlive);
        var runs = All();
        var inProgress = runs.Where(run => run.Record.State == RunState.Running && isAlive(run.Record.Suite)).ToList();
        return inProgress.Count > 0 ? inProgress : [.. runs.TakeLast(1)];
    }

    /// <summary>Null when the run has no record (yet) or it cannot be read.</summary>
    public static RunRecord? Read(RunDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        try
        {
            return JsonSerializer.Deserialize<RunRecord>(File.ReadAllText(Path.Combine(directory.Path, RecordName)), Json);
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Written beside and moved over, so that a reader never sees half of it.</summary>
    public static void Write(RunDirectory directory, RunRecord record)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var path = Path.Combine(directory.Path, RecordName);
        File.WriteAllText(path + ".new", JsonSerializer.Serialize(record, Json) + "\n");
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>Where a run keeps what belongs to it.</summary>
public sealed record RunDirectory(string Path)
{
    public string Id => System.IO.Path.GetFileName(Path);

    /// <summary>The coordinator's log directory.</summary>
    public string Logs(string instance) => System.IO.Path.Combine(Path, instance, "logs");

    /// <summary>Every line that the instance printed, through all its lives.</summary>
    public string Output(string instance) => System.IO.Path.Combine(Path, instance, "log.txt");
}
