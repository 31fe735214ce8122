using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>Registers instances with Microsoft's runtime, those alone whose registration has changed.</summary>
public sealed class Registrar(IProcessRunner runner, ISecretMask mask, IBuildConsole console)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RemovalTimeout = TimeSpan.FromSeconds(30);

    /// <exception cref="BuildException">As <see cref="RegistrationFailure"/> has it; what was registered before stays registered.</exception>
    public async Task RegisterAsync(KubernetesPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!plan.Spec.IsOriginalRuntime)
            return;
        foreach (var instance in Changed(plan))
        {
            await RegisterAsync(plan.Spec, instance, cancellation);
            console.Event($"{instance.Name}: registered");
        }
    }

    private async Task RegisterAsync(DeploymentSpec spec, InstanceSettings instance, CancellationToken cancellation)
    {
        var (image, connection) = (PullName.OnThisMachine(spec.Settings, spec.Image!.Reference), spec.ConnectionString!);
        var container = Registration.NewContainerName(instance);
        ProcessResult result;
        try
        {
            result = await runner.RunAsync(
                new ProcessRequest("docker", Registration.DockerArguments(image, spec.Settings, instance, container))
                {
                    Environment = new Dictionary<string, string?> { [Registration.ConnectionVariable] = connection },
                    Secrets = [connection],
                    ThrowOnFailure = false,
                    Timeout = Timeout,
                },
                cancellation);
        }
        catch
        {
            await RemoveAsync(container);
            throw;
        }

        if (result.ExitCode != 0)
            throw RegistrationFailure.Explain(instance.Name, image, result.ExitCode, mask.Mask(result.StandardError + "\n" + result.StandardOutput));
    }

    /// <summary>After a Ctrl-C or a timeout: what has ended with us is docker's client alone, and the container would go on.</summary>
    private async Task RemoveAsync(string container)
    {
        using var last = new CancellationTokenSource(RemovalTimeout);
        string why;
        try
        {
            var result = await runner.RunAsync(new ProcessRequest("docker", ["rm", "--force", container]) { ThrowOnFailure = false }, last.Token);
            if (result.ExitCode == 0)
                return;
            why = mask.Mask(result.StandardError.Trim());
        }
        catch (Exception exception) when (exception is BuildException or OperationCanceledException)
        {
            // Why the registration has failed is what has to be told, and is thrown by whoever calls.
            why = exception is BuildException known ? known.What : "docker does not answer";
        }

        console.Warning($"The container {container} may still run: {why.TrimEnd('.')}. Remove it: docker rm --force {container}");
    }

    private static IEnumerable<InstanceSettings> Changed(KubernetesPlan plan) => plan.Spec.Settings.Instances.Where(instance =>
        plan.Workloads.First(workload => workload.Instance == instance.Name) is var workload
        && workload.Live?.Annotation(Naming.RegistrationAnnotation) != workload.Wanted!.Annotation(Naming.RegistrationAnnotation));
}
