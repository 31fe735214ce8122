using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes.Cleaning;

/// <summary>Clean on a cluster that is not ours: says what will be removed, asks, removes it, and looks again.</summary>
public sealed class KubernetesCleaner(IWorkloadCleaner workloads, IConfirmation confirmation, IBuildConsole console)
{
    public static string Describe(CleanScope scope) => scope switch
    {
        CleanScope.Auth => "deletes this deployment's Secrets",
        CleanScope.Logs => "stops this deployment's instances and deletes their logs; Deploy starts them anew",
        CleanScope.Most => "deletes everything of this deployment in its namespace, with its logs; keeps the namespace",
        CleanScope.All => "deletes everything of this deployment, its namespace when it was made for it and nothing else is in it, "
            + $"local state, {MachineTraces.Description}",
        _ => throw new ArgumentOutOfRangeException(nameof(scope), scope, null),
    };

    /// <exception cref="Errors.BuildException">AMB1004: nobody has said yes. AMB3008: something remains.</exception>
    public async Task CleanAsync(CleanOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var changes = await workloads.PlanAsync(options.Scope, keepsShares: false, cancellation);
        var plan = new DeploymentPlan(changes, []);
        if (!plan.HasChanges)
        {
            console.Line("Clean: nothing of this deployment is there");
            return;
        }

        console.Line(PlanText.Table(plan).TrimEnd('\n'));
        await confirmation.RequireAsync("Delete all this?", cancellation);
        await workloads.CleanAsync(options.Scope, keepsShares: false, cancellation);
        console.Line($"Clean: {changes.Count(change => change.Kind == ChangeKind.Delete)} deleted, nothing of them is left");
    }
}
