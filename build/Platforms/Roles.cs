using Ambrosia.Build.Planning;

namespace Ambrosia.Build.Platforms;

/// <summary>What a step did, for the console and the report: "created", "unchanged", "not needed on local" and why.</summary>
public sealed record StepOutcome(string Summary);

/// <summary>Where the coordinators' logs live: a directory, an Azure Files share, persistent volumes.</summary>
public interface ILogStore
{
    Task<StepOutcome> ProvisionAsync(CancellationToken cancellation);
}

/// <summary>Where images are kept, if anywhere.</summary>
public interface IImageRegistry
{
    Task<StepOutcome> ProvisionAsync(CancellationToken cancellation);

    /// <summary>Makes the app runnable: an image, or on local the published programs.</summary>
    Task<StepOutcome> BuildAsync(CancellationToken cancellation);

    Task<StepOutcome> PushAsync(CancellationToken cancellation);
}

/// <summary>What runs the instances: processes on this machine, or a Kubernetes cluster.</summary>
public interface ICluster
{
    Task<StepOutcome> ProvisionAsync(CancellationToken cancellation);

    /// <summary>Starts or updates the instances. On local it stays until the work is done.</summary>
    Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation);

    /// <summary>Judges the oracle; throws <c>AMB6001</c> when it does not hold.</summary>
    Task<StepOutcome> VerifyAsync(CancellationToken cancellation);

    Task<StepOutcome> ProveImmortalityAsync(ImmortalityOptions options, CancellationToken cancellation);

    Task ShowStatusAsync(CancellationToken cancellation);

    Task ShowLogsAsync(LogsOptions options, CancellationToken cancellation);
}

public enum CleanScope
{
    All,
    Most,
    Auth,
    Logs,
}

/// <param name="Resume">On local: go on with the last run's logs instead of fresh ones.</param>
/// <param name="Fresh">In a cluster: start from empty logs.</param>
/// <param name="Image">In a cluster: the digest (<c>sha256:…</c>) to go back to; null deploys the current sources.</param>
public sealed record DeployOptions(bool Resume, bool Fresh, string? Image);

/// <param name="Kills">How many SIGKILLs, spread over the apps and the coordinators.</param>
/// <param name="Seed">Chooses moments and victims; printed, so that a run can be repeated.</param>
/// <param name="Live">In a cluster: kill the deployed instances instead of a pair of its own.</param>
public sealed record ImmortalityOptions(int Kills, int Seed, bool Live)
{
    /// <summary>A line for whoever wants the same kills again.</summary>
    public string Repetition => $"Seed {Seed}: repeat with --kills={Kills} --seed={Seed}";
}

/// <param name="Instance">Only this instance's lines; null for all.</param>
/// <param name="Follow">Stay and print new lines until the run ends or Ctrl-C.</param>
public sealed record LogsOptions(string? Instance, bool Follow);

/// <param name="Force">Also remove what others have put beside our own, such as foreign resources in the resource group.</param>
/// <param name="NoWait">Return while the cloud still deletes.</param>
public sealed record CleanOptions(CleanScope Scope, bool Force, bool NoWait);

/// <summary>A platform is a composition of three roles. Tasks call a role and never ask which platform they are on.</summary>
public interface IPlatform
{
    string Name { get; }

    /// <summary>Checks what the platform stands on (tools, login, identity), all at once; what Configure shows: one line a fact.</summary>
    Task<IReadOnlyList<string>> ConfigureAsync(CancellationToken cancellation);

    /// <summary>Compares what exists with the settings. Changes nothing.</summary>
    Task<DeploymentPlan> PlanAsync(CancellationToken cancellation);

    /// <summary>Looks for everything that would fail late. Changes nothing.</summary>
    Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellation);

    /// <summary>What Clean would remove with this scope, for the list of scopes.</summary>
    string DescribeClean(CleanScope scope);

    /// <summary>Shows what will be removed, asks where that is not this machine's alone, removes it, looks again, and tells what it did.</summary>
    /// <exception cref="Errors.BuildException">Something remains, or must not be removed.</exception>
    Task CleanAsync(CleanOptions options, CancellationToken cancellation);

    ILogStore LogStore { get; }

    IImageRegistry Registry { get; }

    ICluster Cluster { get; }
}
