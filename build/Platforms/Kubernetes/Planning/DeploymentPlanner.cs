using Ambrosia.Build.Cli;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Images;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Platforms.Kubernetes.Deploying;
using Ambrosia.Build.Platforms.Kubernetes.Manifests;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Planning;

/// <summary>
/// Gathers what a plan is made of. Before anything is made, some of it is not known yet, and the plan says so; when the deployment's turn
/// comes all of it is, and what was seen meanwhile is used again where nothing has changed.
/// </summary>
/// <param name="options">Of this run, known from its arguments before the deployment's turn.</param>
public sealed class DeploymentPlanner(
    ISettingsProvider settings, KubernetesRoles roles, ClusterObserver observer, ISecretMask mask, Func<DeployOptions> options, TimeProvider time)
{
    /// <summary>What was seen longer ago is looked at again before something is changed.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    private (ObservedObjects Objects, long At)? _seen;
    private (ObservedObjects Observed, bool Fresh, KubernetesPlan Plan)? _compared;

    /// <summary>What a deployment would do, as far as it can be known now.</summary>
    public async Task<KubernetesPlan> PlanAsync(CancellationToken cancellation)
    {
        var exists = await roles.Access.ExistsAsync(cancellation);
        var spec = await GatherAsync(exists, isForPlan: true, cancellation);
        var observed = exists ? await ObserveAsync(spec, cancellation) : ObservedObjects.Nothing;
        var plan = await CompareAsync(await WithImageAsync(spec, observed, isForPlan: true, cancellation), observed, options().Fresh, cancellation);
        return exists && !options().Fresh ? LeftLogs.Show(plan, await roles.Access.GetAsync(cancellation)) : plan;
    }

    /// <summary>What the deployment does now; everything is known.</summary>
    /// <exception cref="BuildException">AMB4006: there is no image. AMB1013: a secret is missing.</exception>
    public async Task<KubernetesPlan> PlanForDeployAsync(DeployOptions chosen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        var spec = await GatherAsync(clusterExists: true, isForPlan: false, cancellation);
        var observed = _seen is { } seen && time.GetElapsedTime(seen.At) < Fresh ? seen.Objects : await ObserveAsync(spec, cancellation);
        _seen = null; // what is changed now has to be looked at again
        return await CompareAsync(await WithImageAsync(spec, observed, isForPlan: false, cancellation), observed, chosen.Fresh, cancellation);
    }

    /// <summary>Mostly everything was known when the plan was shown, and nothing has to be compared again.</summary>
    private async Task<KubernetesPlan> CompareAsync(DeploymentSpec spec, ObservedObjects observed, bool fresh, CancellationToken cancellation)
    {
        if (_compared is { } known && ReferenceEquals(known.Observed, observed) && known.Fresh == fresh && known.Plan.Spec == spec)
            return known.Plan;
        var plan = KubernetesPlanner.Plan(spec, observed, fresh);
        // A plan with conflicts is not applied, and they tell more than the server's refusal of the rest.
        if (!plan.Conflicts.Any() && ServerAnswer.Questions(plan) is { Count: > 0 } questions)
            plan = ServerAnswer.Consider(plan, await observer.RehearseAsync(await roles.Access.GetAsync(cancellation), questions, cancellation));
        _compared = (observed, fresh, plan);
        return plan;
    }

    private async Task<ObservedObjects> ObserveAsync(DeploymentSpec spec, CancellationToken cancellation)
    {
        var objects = await observer.ObserveAsync(await roles.Access.GetAsync(cancellation), spec, cancellation);
        _seen = (objects, time.GetTimestamp());
        return objects;
    }

    private async Task<DeploymentSpec> GatherAsync(bool clusterExists, bool isForPlan, CancellationToken cancellation)
    {
        var volumes = await roles.Volumes.GetAsync(cancellation);
        string? key = null, connection = null;
        if (clusterExists && volumes is LogVolumes.AzureFileShare)
            key = await roles.Volumes.ShareKeyAsync(cancellation);
        if (settings.Settings.Runtime == RuntimeKind.Ambrosia)
            connection = await roles.Connection.GetConnectionStringAsync(cancellation);
        var login = settings.Settings.Images.Public is null && clusterExists ? await roles.Registry.PullLoginAsync(cancellation) : null;
        foreach (var secret in new[] { key, connection, login?.Password }.OfType<string>())
            mask.Add(secret);
        var spec = new DeploymentSpec(settings.Settings, null, volumes, key, login, connection);
        return isForPlan ? spec : Known(spec);
    }

    private DeploymentSpec Known(DeploymentSpec spec)
    {
        if (spec is { IsOnShare: true, ShareKey: null })
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue, "The key of the storage account is not known.", remedy: "./build.sh --target=ProvisionStorage");
        }

        if (spec is { IsOriginalRuntime: true, ConnectionString: null })
        {
            throw new BuildException(
                ErrorCode.ConfigurationInvalidValue, "runtime is \"ambrosia\", which keeps its metadata in an Azure storage account, and none is known.",
                remedy: roles.Connection.Remedy);
        }

        return spec;
    }

    private async Task<DeploymentSpec> WithImageAsync(DeploymentSpec spec, ObservedObjects observed, bool isForPlan, CancellationToken cancellation)
    {
        if (options().Image is { } wanted)
            return spec with { Image = await ChosenAsync(wanted, observed, cancellation) };
        try
        {
            return spec with { Image = await roles.Images.ResolveAsync(cancellation) };
        }
        catch (BuildException exception) when (isForPlan && exception.Code == ErrorCode.ImageNotFound)
        {
            return spec;
        }
    }

    /// <summary>A digest is one of the repository that runs already, so that going back needs neither a build nor a registry's answer.</summary>
    private async Task<ContainerImage> ChosenAsync(string wanted, ObservedObjects observed, CancellationToken cancellation)
    {
        if (!wanted.StartsWith("sha256:", StringComparison.Ordinal))
            return new ContainerImage(PullName.OnNodes(settings.Settings, wanted), IsPublic: false, IsOnNodes: IsOnNodes(wanted));
        if (wanted.Length != "sha256:".Length + 64 || !wanted["sha256:".Length..].All(char.IsAsciiHexDigitLower))
        {
            throw new BuildException(
                ErrorCode.InvalidArgumentValue, $"--image={wanted} is no digest.", "a digest is sha256: and 64 hexadecimal digits",
                $"take it from the annotation {Naming.PreviousImageAnnotation} of the StatefulSet");
        }

        var running = observed.Objects.Where(live => live.Kind == "StatefulSet").Select(KubernetesPlanner.ImageOf).FirstOrDefault(image => image is not null)
            ?? (await roles.Images.ResolveAsync(cancellation)).Reference;
        return new ContainerImage(PullName.OnNodes(settings.Settings, $"{Repository(running)}@{wanted}"), IsPublic: false, IsOnNodes: false);
    }

    /// <summary>Where there is no registry, images are on the nodes, by their tags.</summary>
    private bool IsOnNodes(string reference) =>
        settings.Settings is { Platform: PlatformKind.Kubernetes, Kubernetes.Registry: null, Images.Public: null } && !reference.Contains('@', StringComparison.Ordinal);

    /// <summary>A reference without its digest or tag; a colon before the last slash is a port's.</summary>
    internal static string Repository(string reference)
    {
        var name = reference.Split('@')[0];
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[..colon] : name;
    }
}
