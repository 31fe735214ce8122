using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Waits until what was applied runs.</summary>
public interface IRolloutWaiter
{
    /// <exception cref="BuildException">AMB5013: it does not run; says what is wrong, why, and what to do. AMB5002: there is nothing deployed.</exception>
    Task WaitAsync(ClusterAccess access, BuildSettings settings, CancellationToken cancellation);
}
