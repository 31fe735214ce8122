using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Planning;
using Ambrosia.Build.Platforms.Aks.Access;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Aks.Tools;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks;

/// <summary>Checks what a deployment on Azure stands on, side by side, and tells of all problems at once.</summary>
public sealed class AksConfiguration(IAzureSession session, AksTools tools, IReachability reachability, ISettingsProvider provider, RunScope scope)
{
    private BuildSettings Settings => provider.Settings;

    /// <summary>What Configure shows: one line a fact.</summary>
    /// <exception cref="BuildException">AMB2001, AMB2004, AMB30xx; AMB3006 where there is more than one problem, with all of them.</exception>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellation)
    {
        var azure = Settings.Azure!;
        var az = tools.AzAsync(cancellation);
        var kubectl = tools.KubectlAsync(cancellation);
        var docker = DockerCheck.IsNeeded(Settings, scope) ? tools.DockerAsync(cancellation) : null;
        var login = AskAzureAsync(cancellation);
        await Task.WhenAll(az, kubectl, docker ?? Task.CompletedTask, login); // all of them, so that a cancellation leaves nothing running

        var problems = new List<BuildException>();
        var states = new List<ToolState> { await az, await kubectl };
        if (docker is not null)
            states.Add((await docker).Client);
        problems.AddRange(states.Select(state => state.Problem()).OfType<BuildException>());
        var (facts, failure) = await login;

        // Without az there is no login: that is one problem, not two.
        if (failure is not null && !(failure.Code == ErrorCode.ToolMissing && states[0].Failure is not null))
            problems.Add(failure);
        if (facts?.Problem is { } clusterProblem)
            problems.Add(clusterProblem);
        if (problems.Count > 0)
            throw Join(problems);

        return
        [
            $"Azure:     {facts!.Account.SubscriptionName} (subscription {facts.Account.SubscriptionId}), {facts.Account.Environment}",
            $"Tenant:    {facts.Account.TenantId}",
            $"Identity:  {facts.Account.UserName} ({(facts.Account.UserType == "servicePrincipal" ? "service principal" : facts.Account.UserType)})",
            $"Location:  {azure.Location}, resource group {azure.ResourceGroup}",
            $"Tools:     {string.Join(", ", states.Select(state => state.Text))}",
            .. facts.ClusterLines,
        ];
    }

    /// <summary>One as it is; more as one failure that names them all.</summary>
    internal static BuildException Join(IReadOnlyList<BuildException> problems) => problems is [var only]
        ? only
        : new BuildException(
            ErrorCode.PreflightFailed,
            $"{problems.Count} problems; nothing was changed." + string.Concat(problems.Select(problem => "\n  " + problem.Message.ReplaceLineEndings("\n  "))));

    private async Task<(Facts? Facts, BuildException? Failure)> AskAzureAsync(CancellationToken cancellation)
    {
        try
        {
            var account = await session.GetAccountAsync(cancellation);
            var json = await session.Arm.GetAsync(new AzurePaths(Settings.Azure!).Cluster, ApiVersions.Containers, cancellation);
            if (json is not { } found)
                return (new Facts(account, [], null), null);
            var (lines, problem) = await AskClusterAsync(ObservedJson.Cluster(found), cancellation);
            return (new Facts(account, lines, problem), null);
        }
        catch (BuildException exception)
        {
            return (null, exception);
        }
    }

    private async Task<(IReadOnlyList<string> Lines, BuildException? Problem)> AskClusterAsync(ObservedCluster cluster, CancellationToken cancellation)
    {
        var lines = new List<string>();
        BuildException? problem = null;
        if (cluster.NeedsKubelogin)
        {
            lines.Add("Cluster:   Entra identities; kubectl logs in through kubelogin");
            if (!await tools.HasKubeloginAsync(cancellation))
                problem = Kubelogin.Missing(cluster.Resource.Name);
        }

        // A line and no problem: what is done through Azure Resource Manager works from here all the same.
        if (cluster is { IsPrivate: true, Fqdn: { } host })
        {
            lines.Add(await reachability.IsReachableAsync(host, 443, cancellation)
                ? $"Cluster:   private API server {host}, reachable from here"
                : $"Cluster:   private API server {host}, not reachable from here: {PrivateCluster.Remedy}");
        }

        return (lines, problem);
    }

    private sealed record Facts(AzureAccount Account, IReadOnlyList<string> ClusterLines, BuildException? Problem);
}
