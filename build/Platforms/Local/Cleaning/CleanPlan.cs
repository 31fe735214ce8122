namespace Ambrosia.Build.Platforms.Local.Cleaning;

/// <summary>What each scope of Clean removes on local; a pure function, also for the list that Clean prints.</summary>
public sealed record CleanPlan(bool StopRuns, bool RemoveRuns, bool RemoveArtifacts, string Summary)
{
    public static CleanPlan For(CleanScope scope) => scope switch
    {
        CleanScope.All => new(true, true, true, "stops running instances and removes all of artifacts/"),
        CleanScope.Most => new(true, true, true, "the same as all: on local there is no cluster to keep"),
        CleanScope.Logs => new(true, true, false, "stops running instances and removes all runs (artifacts/local/)"),
        CleanScope.Auth => new(false, false, false, "nothing: local needs no credentials"),
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };
}
