namespace Ambrosia.Emulators.Azure;

/// <summary>One request as the emulator saw it, secrets masked.</summary>
/// <param name="Path">As it arrived.</param>
/// <param name="Query">With its question mark, or empty.</param>
/// <param name="Status">The reply's status; 0 where the connection was dropped.</param>
/// <param name="Fault">Name of the injected fault that met it; null where there was none.</param>
public sealed record RecordedRequest(
    int Number,
    DateTimeOffset Time,
    string Method,
    string Path,
    string Query,
    string Body,
    int Status,
    TimeSpan Duration,
    string? Fault,
    string UserAgent)
{
    /// <summary>Whether Azure Resource Manager was asked (not the login endpoint, Graph or a registry).</summary>
    public bool IsResourceManager => Path.TrimStart('/').StartsWith("subscriptions", StringComparison.OrdinalIgnoreCase)
        || Path.TrimStart('/').StartsWith("providers", StringComparison.OrdinalIgnoreCase)
        || Path.TrimStart('/').StartsWith("tenants", StringComparison.OrdinalIgnoreCase);

    public override string ToString() => $"{Number} {Method} {Path}{Query} {Status}{(Fault is null ? "" : $" fault: {Fault}")}";
}
