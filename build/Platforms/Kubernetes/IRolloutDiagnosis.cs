namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>Finds out why an instance does not become ready.</summary>
public interface IRolloutDiagnosis
{
    /// <summary>
    /// The cause for a person, lines of text with the pod's state, its events and its last log lines, secrets masked. Never throws but for
    /// cancellation: what cannot be read is said so.
    /// </summary>
    /// <param name="instance">Name as in the configuration.</param>
    Task<string> ExplainAsync(string instance, CancellationToken cancellation);
}
