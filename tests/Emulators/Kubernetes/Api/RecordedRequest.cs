namespace Ambrosia.Emulators.Kubernetes.Api;

/// <summary>A request that the emulator got, and how it answered.</summary>
/// <param name="Query">With the question mark; empty without one.</param>
/// <param name="User">Null when nobody was recognised.</param>
/// <param name="Command">The header Kubectl-Command: "kubectl apply"; empty where the client sent none.</param>
public sealed record RecordedRequest(string Method, string Path, string Query, string? User, string Command, string Body)
{
    /// <summary>The status code of the answer; 0 while there is none, or when the connection was cut.</summary>
    public int Status { get; internal set; }

    /// <summary>"PATCH /api/v1/namespaces/x?force=false"</summary>
    public override string ToString() => $"{Method} {Path}{Query}";
}
