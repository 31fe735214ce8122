using System.Globalization;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;
using k8s;
using k8s.KubeConfigModels;

namespace Ambrosia.Build.Platforms.Kubernetes.Access;

/// <summary>
/// The user's kubeconfig, which is only read, and the context that the configuration names. kubectl's <c>--kubeconfig</c> takes one file: where
/// KUBECONFIG names several and the context is spread over them, kubectl joins them into a private file.
/// </summary>
public sealed class KubeconfigAccess(
    ISettingsProvider settings, StateDirectory state, IProcessRunner runner, Func<string, string?> environment) : IClusterAccess
{
    private const string Joined = "kubeconfig";

    private readonly AsyncOnce<ClusterAccess> _access = new();

    private KubernetesSettings Kubernetes => settings.Settings.Kubernetes;

    /// <summary>The cluster is somebody else's: it is there or it is an error.</summary>
    public Task<bool> ExistsAsync(CancellationToken cancellation) => Task.FromResult(true);

    public Task<ClusterAccess> GetAsync(CancellationToken cancellation) => _access.GetAsync(FindAsync, cancellation);

    private async Task<ClusterAccess> FindAsync(CancellationToken cancellation)
    {
        var context = Kubernetes.Context!;
        var configs = Files().Where(File.Exists).Select(file => (File: file, Config: Read(file))).ToList();
        var holder = configs.FirstOrDefault(item => ContextOf(item.Config, context) is not null);
        if (holder.Config is null)
            throw NoSuchContext(context, configs.Select(item => item.Config));

        var details = ContextOf(holder.Config, context)!.ContextDetails;
        var isWhole = configs.Count == 1
            || ((holder.Config.Clusters ?? []).Any(cluster => cluster.Name == details.Cluster)
                && (holder.Config.Users ?? []).Any(user => user.Name == details.User));
        var file = isWhole ? holder.File : await JoinAsync(configs.Select(item => item.File), context, cancellation);
        return new ClusterAccess(file, context, Kubernetes.Namespace);
    }

    private string[] Files()
    {
        if (Kubernetes.Kubeconfig is { } configured)
            return [configured];
        if (environment("KUBECONFIG") is { Length: > 0 } list)
            return [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath)];
        return [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")];
    }

    private async Task<string> JoinAsync(IEnumerable<string> files, string context, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(
            new ProcessRequest("kubectl", ["config", "view", "--raw", "--flatten", "--minify", "--context", context])
            {
                Environment = new Dictionary<string, string?> { ["KUBECONFIG"] = string.Join(Path.PathSeparator, files) },
            },
            cancellation);
        var path = Path.Combine(state.Ensure(), Joined);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(path); // a file that is there already keeps its access
        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(result.StandardOutput.AsMemory(), cancellation);
        return path;
    }

    private static K8SConfiguration Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return KubernetesClientConfiguration.LoadKubeConfig(stream) ?? new K8SConfiguration();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or YamlDotNet.Core.YamlException)
        {
            // What it holds is not shown: it may be a credential.
            throw new BuildException(
                ErrorCode.ClusterUnreachable, $"The kubeconfig {file} cannot be read.",
                exception is YamlDotNet.Core.YamlException yaml
                    ? string.Create(CultureInfo.InvariantCulture, $"it is not valid YAML, or not a kubeconfig (line {yaml.Start.Line})")
                    : exception.Message,
                "check the file: kubectl config view --kubeconfig FILE");
        }
    }

    private static Context? ContextOf(K8SConfiguration config, string name) => config.Contexts?.FirstOrDefault(context => context.Name == name);

    private BuildException NoSuchContext(string wanted, IEnumerable<K8SConfiguration> configs)
    {
        var known = configs.SelectMany(config => config.Contexts ?? []).Select(context => context.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        var files = string.Join(", ", Files());
        var nearest = NearestName.Of(wanted, known);
        return new BuildException(
            ErrorCode.ClusterUnreachable,
            $"There is no context {wanted} in {files}.",
            known.Count > 0 ? $"it holds: {string.Join(", ", known)}" : Files().Any(File.Exists) ? "it holds no context" : "there is no such file",
            known.Count == 0
                ? "make a cluster (kind create cluster, for instance), or name another file in kubernetes.kubeconfig or KUBECONFIG"
                : nearest is null
                ? "put one of them into kubernetes.context, or another file into kubernetes.kubeconfig"
                : $"did you mean {nearest}? It goes into kubernetes.context (AMBROSIA_KUBERNETES_CONTEXT)");
    }
}
