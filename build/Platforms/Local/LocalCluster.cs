using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Immortality;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Platforms.Local.Viewing;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local;

/// <summary>Processes on this machine in the role of a cluster.</summary>
public sealed class LocalCluster(
    ISettingsProvider settings,
    RunLauncher launcher,
    ImmortalityProof immortality,
    StatusView status,
    LogsView logs) : ICluster
{
    private RunDirectory? _deployed;

    public Task<StepOutcome> ProvisionAsync(CancellationToken cancellation) =>
        Task.FromResult(new StepOutcome("not needed on local"));

    public async Task<StepOutcome> DeployAsync(DeployOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Fresh || options.Image is not null)
            throw MeansNothing(options.Fresh ? "--fresh" : "--image", "every run on local starts fresh from the current sources");
        var run = options.Resume ? launcher.Resume(settings.Settings) : launcher.Fresh(RunLauncher.DeployTarget, settings.Settings);
        _deployed = run.Directory;
        if (run.Progress.IsOver)
            return new StepOutcome($"run {run.Directory.Id} is already done");
        await launcher.RunAsync(run, [], cancellation);
        return new StepOutcome($"run {run.Directory.Id} is done");
    }

    public Task<StepOutcome> VerifyAsync(CancellationToken cancellation)
    {
        var verify = settings.Settings.Verify;
        if (verify.Kind == VerifyKind.None)
            return Task.FromResult(new StepOutcome("nothing to verify (verify.kind is none)"));
        var directory = _deployed ?? launcher.LastDeployed(settings.Settings, "verify", "./build.sh --target=Deploy makes one.");
        if (verify.Kind == VerifyKind.LogPattern)
            return Task.FromResult(new StepOutcome(RunOutput.RequirePattern(directory, settings.Settings)));
        var verdict = OracleVerdict.Judge(RunOutput.Fold(directory, settings.Settings), verify.ExpectedBytes);
        if (verdict.Holds)
            return Task.FromResult(new StepOutcome(verdict.Text));
        throw new BuildException(
            ErrorCode.VerificationFailed,
            $"{verdict.Text}: {verdict.Problem}.",
            toolOutput: RunOutput.LastLines(directory, settings.Settings),
            remedy: $"The whole run is in {directory.Path}.");
    }

    public Task<StepOutcome> ProveImmortalityAsync(ImmortalityOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Live
            ? throw MeansNothing("--live", "on local a proof always has a pair of its own")
            : immortality.ProveAsync(options, cancellation);
    }

    private static BuildException MeansNothing(string argument, string cause) => new(
        ErrorCode.UnknownArgument, $"{argument} means nothing on local.", cause, "leave it out, or choose a platform with a cluster");

    public Task ShowStatusAsync(CancellationToken cancellation)
    {
        status.Show();
        return Task.CompletedTask;
    }

    public Task ShowLogsAsync(LogsOptions options, CancellationToken cancellation) => logs.ShowAsync(options, cancellation);
}
