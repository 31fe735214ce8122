namespace Ambrosia.Build.Platforms.Contracts;

/// <summary>How kubectl reaches the cluster. Never the ambient context: all three are given with each call.</summary>
/// <param name="Kubeconfig">Absolute path; several files are joined as in KUBECONFIG.</param>
public sealed record ClusterAccess(string Kubeconfig, string Context, string Namespace);

/// <summary>Gives the access: on <c>kubernetes</c> the user's kubeconfig and the configured context, on <c>aks</c> a private kubeconfig.</summary>
public interface IClusterAccess
{
    /// <exception cref="Errors.BuildException">AMB5010: there is no such context, or the cluster does not exist yet. AMB30xx: Azure refused.</exception>
    Task<ClusterAccess> GetAsync(CancellationToken cancellation);

    /// <summary>False while the cluster is still to be made by this run, so that a plan can only tell what it would create there.</summary>
    Task<bool> ExistsAsync(CancellationToken cancellation);
}
