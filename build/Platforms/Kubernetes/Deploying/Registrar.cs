using Ambrosia.Build.Cli;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Platforms.Kubernetes.Planning;
using Ambrosia.Build.Reporting;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Deploying;

/// <summary>Registers instances with Microsoft's runtime, those alone whose registration has changed.</summary>
public sealed class Registrar(IProcessRunner runner, IBuildConsole console)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    public async Task RegisterAsync(KubernetesPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (!plan.Spec.IsOriginalRuntime)
            return;
        var connection = plan.Spec.ConnectionString!;
        foreach (var instance in Changed(plan))
        {
            await runner.RunAsync(
                new ProcessRequest("docker", Registration.DockerArguments(PullName.OnThisMachine(plan.Spec.Settings, plan.Spec.Image!.Reference), plan.Spec.Settings, instance))
                {
                    Environment = new Dictionary<string, string?> { [Registration.ConnectionVariable] = connection },
                    Secrets = [connection],
                    Timeout = Timeout,
                },
                cancellation);
            console.Event($"{instance.Name}: registered");
        }
    }

    private static IEnumerable<InstanceSettings> Changed(KubernetesPlan plan) => plan.Spec.Settings.Instances.Where(instance =>
        plan.Workloads.First(workload => workload.Instance == instance.Name) is var workload
        && workload.Live?.Annotation(Naming.RegistrationAnnotation) != workload.Wanted!.Annotation(Naming.RegistrationAnnotation));
}
