using System.Text.Json.Nodes;
using Ambrosia.Emulators.Azure.Http;

namespace Ambrosia.Emulators.Azure.State;

/// <summary>Work that ends at a time of the clock, whether or not anybody looks.</summary>
internal sealed class LongRunningOperation(DateTimeOffset ends, Action complete, Func<JsonObject?> result, ApiException? error, ArmResource? resource)
{
    public string Id { get; } = Guid.NewGuid().ToString();

    public DateTimeOffset Ends { get; } = ends;

    public bool IsDone { get; private set; }

    public ArmResource? Resource { get; } = resource;

    public ApiException? Error { get; } = error;

    public string Status => !IsDone ? "InProgress" : Error is null ? "Succeeded" : "Failed";

    /// <summary>The resource at the end; null for a deletion.</summary>
    public JsonObject? Result => result();

    public void Complete()
    {
        IsDone = true;
        complete();
    }
}
