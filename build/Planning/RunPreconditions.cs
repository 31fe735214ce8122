using Ambrosia.Build.Errors;
using Ambrosia.Build.Settings;
using Ambrosia.Build.Tasks;

namespace Ambrosia.Build.Planning;

/// <summary>
/// What the settings must be for the tasks of a run, told at its start: minutes later it would have cost something. A task that can run without
/// what is before it asks for itself once more. Pure.
/// </summary>
public static class RunPreconditions
{
    /// <exception cref="BuildException">AMB1013: a task of this run cannot do with these settings.</exception>
    public static void Require(RunScope scope, BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(settings);
        if (scope.Includes(nameof(Immortality)) && settings.Verify.Kind != VerifyKind.PerformanceTest)
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue,
                "Immortality proves by the performance test's totals, and verify.kind is another.",
                remedy: "set verify.kind to performanceTest, or kill your service's processes by hand while it runs");
        }
    }
}
