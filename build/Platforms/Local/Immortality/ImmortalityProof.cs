using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Oracle;
using Ambrosia.Build.Platforms.Local.Supervision;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Immortality;

/// <summary>Shows that the service survives: kills its processes while it works, and judges the total at the end.</summary>
public sealed class ImmortalityProof(ISettingsProvider settings, RunLauncher launcher, RunServices services)
{
    /// <exception cref="BuildException">AMB6002: something was lost, doubled or reordered, or did not come back.</exception>
    public async Task<StepOutcome> ProveAsync(ImmortalityOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var verify = settings.Settings.Verify;
        var schedule = KillSchedule.Plan(options.Kills, options.Seed, verify.ExpectedBytes);
        services.Console.Line(options.Repetition);
        var plan = launcher.Fresh("Immortality", settings.Settings);
        var killer = new Killer(schedule, services.Processes, services.Console, services.Time);
        var progress = await RunAsync(plan, killer, cancellation);
        var verdict = ImmortalityVerdict.Judge(options.Kills, killer.Recoveries, OracleVerdict.Judge(progress, verify.ExpectedBytes));
        if (!verdict.Holds)
        {
            throw new BuildException(
                ErrorCode.ImmortalityFailed,
                verdict.Text,
                toolOutput: RunOutput.LastLines(plan.Directory, settings.Settings),
                remedy: $"Repeat with --seed={options.Seed}. The whole run is in {plan.Directory.Path}.");
        }

        return new StepOutcome(verdict.Text);
    }

    private async Task<WorkProgress> RunAsync(RunPlan plan, Killer killer, CancellationToken cancellation)
    {
        try
        {
            return await launcher.RunAsync(plan, [killer], cancellation);
        }
        catch (BuildException e) when (e.Code is ErrorCode.VerificationFailed or ErrorCode.InstanceFailed)
        {
            throw new BuildException(
                ErrorCode.ImmortalityFailed,
                $"{killer.Recoveries.Count} of {killer.Kills} kills survived: {e.What}",
                toolOutput: RunOutput.LastLines(plan.Directory, plan.Settings),
                remedy: $"The whole run is in {plan.Directory.Path}.",
                inner: e);
        }
    }
}
