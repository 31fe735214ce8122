using System.Text.Json;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Azure;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Arm;
using Ambrosia.Build.Platforms.Aks.Observation;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Aks.Access;

/// <summary>
/// A kubeconfig of our own for the cluster, in the state directory; the user's is not touched. It is fetched again only when the cluster
/// has become another one.
/// </summary>
public sealed class AksClusterAccess(IAzureSession session, AzCli az, IProcessRunner runner, StateDirectory state, ISettingsProvider provider)
    : IClusterAccess
{
    public const string FileName = "kubeconfig";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly AsyncOnce<ClusterAccess> _access = new();

    private BuildSettings Settings => provider.Settings;

    private AzureSettings Azure => Settings.Azure!;

    private string KubeconfigPath => Path.Combine(state.Path, FileName);

    private string RecordPath => Path.Combine(state.Path, KubeconfigRecord.FileName);

    public Task<ClusterAccess> GetAsync(CancellationToken cancellation) => _access.GetAsync(PrepareAsync, cancellation);

    /// <summary>False too while the cluster is being made, deleted or stopped, or never came up: its API server answers nobody then.</summary>
    public async Task<bool> ExistsAsync(CancellationToken cancellation) =>
        await ReadAsync(cancellation) is { } json && ObservedJson.Cluster(json) is { PowerState: not "Stopped" } cluster
        && cluster.Resource.ProvisioningState is not ("Creating" or "Deleting")
        && (cluster.EverRan || cluster.Resource.ProvisioningState is not ("Failed" or "Canceled"));

    /// <summary>Removes the kubeconfig that was kept.</summary>
    public Task ForgetAsync(CancellationToken cancellation) => _access.ForgetAsync(DeleteFiles, cancellation);

    private Task<JsonElement?> ReadAsync(CancellationToken cancellation) =>
        session.Arm.GetAsync(new AzurePaths(Azure).Cluster, ApiVersions.Containers, cancellation);

    private async Task<ClusterAccess> PrepareAsync(CancellationToken cancellation)
    {
        var json = await ReadAsync(cancellation)
            ?? throw new BuildException(
                ErrorCode.ClusterUnreachable, $"Cluster {Azure.Cluster.Name} does not exist in resource group {Azure.ResourceGroup}.",
                remedy: "./build.sh --target=ProvisionAks");
        var cluster = ObservedJson.Cluster(json);
        if (cluster.PowerState == "Stopped")
        {
            throw new BuildException(
                ErrorCode.ClusterUnreachable, $"Cluster {Azure.Cluster.Name} is stopped.",
                remedy: $"az aks start --name {Azure.Cluster.Name} --resource-group {Azure.ResourceGroup} --subscription {Azure.Subscription}");
        }

        var record = new KubeconfigRecord(
            cluster.Resource.Id, cluster.Fqdn, json.Text("systemData", "createdAt") ?? "", cluster.NeedsKubelogin);
        if (!File.Exists(KubeconfigPath) || !record.Matches(File.Exists(RecordPath) ? await File.ReadAllTextAsync(RecordPath, cancellation) : null))
            await FetchAsync(record, cancellation);
        return new ClusterAccess(KubeconfigPath, Azure.Cluster.Name, Settings.Kubernetes.Namespace);
    }

    private async Task FetchAsync(KubeconfigRecord record, CancellationToken cancellation)
    {
        if (record.NeedsKubelogin)
            await RequireKubeloginAsync(cancellation);
        state.Ensure();
        File.Delete(RecordPath);

        // Made first and for the user alone, so that az never writes the keys into a file that others can open.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(KubeconfigPath);
        await using (new FileStream(KubeconfigPath, options))
        {
        }

        try
        {
            await az.RunAsync(
                new AzCommand([
                    "aks", "get-credentials", "--name", Azure.Cluster.Name, "--resource-group", Azure.ResourceGroup,
                    "--file", KubeconfigPath, "--context", Azure.Cluster.Name, "--overwrite-existing",
                    .. record.NeedsKubelogin ? ["--format", "exec"] : Array.Empty<string>(),
                    "--subscription", Azure.Subscription,
                ])
                {
                    Timeout = Limit,
                },
                cancellation);
            if (record.NeedsKubelogin)
            {
                // By the same login as everything else, without a question: https://azure.github.io/kubelogin/concepts/login-modes/azurecli.html
                await runner.RunAsync(
                    new ProcessRequest("kubelogin", ["convert-kubeconfig", "--login", "azurecli", "--kubeconfig", KubeconfigPath]) { Timeout = Limit },
                    cancellation);
            }
        }
        catch
        {
            File.Delete(KubeconfigPath);
            throw;
        }

        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KubeconfigPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllTextAsync(RecordPath, record.ToJson(), cancellation);
    }

    private void DeleteFiles()
    {
        try
        {
            File.Delete(RecordPath);
            File.Delete(KubeconfigPath);
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing was ever kept.
        }
    }

    private async Task RequireKubeloginAsync(CancellationToken cancellation)
    {
        try
        {
            await runner.RunAsync(new ProcessRequest("kubelogin", ["--version"]) { Timeout = Limit, ThrowOnFailure = false }, cancellation);
        }
        catch (BuildException exception) when (exception.Code == ErrorCode.ToolMissing)
        {
            throw Kubelogin.Missing(Azure.Cluster.Name);
        }
    }
}
