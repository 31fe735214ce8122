using System.Globalization;
using System.Text.Json;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Aks.Planning;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Aks.Acting;

/// <summary>
/// Waits for resources by reading their provisioning state. <c>az … wait</c> would not do: it prints nothing meanwhile, and one that runs out of
/// time exits with 0.
/// </summary>
public sealed class ResourceWatch(IAzureSession session, IBuildConsole console, TimeProvider time, AzureTimings timings)
{
    /// <summary>Until the state is final.</summary>
    /// <param name="doing">For the console: "creating".</param>
    /// <param name="onLook">Is given each answer, also the last.</param>
    /// <param name="isNew">Its making has just begun: that it is not there yet does not mean that it is gone.</param>
    /// <returns>The resource; null when there is none (any more).</returns>
    /// <exception cref="BuildException">AMB3005: the deadline has passed.</exception>
    public async Task<JsonElement?> UntilSettledAsync(
        AzureNames names, AzurePart part, string doing, Action<JsonElement>? onLook, CancellationToken cancellation, bool isNew = false)
    {
        ArgumentNullException.ThrowIfNull(names);
        var started = time.GetTimestamp();
        return await UntilAsync(
            names, part, doing, onLook, resource => IsSettled(resource) && !(isNew && resource is null && time.GetElapsedTime(started) < timings.Appearance),
            cancellation);
    }

    /// <summary>Until it does not exist.</summary>
    /// <param name="wasDeleting">It has been seen in the state Deleting before.</param>
    /// <exception cref="BuildException">AMB3005: it is not being deleted any more, but there; or the deadline has passed.</exception>
    public async Task UntilGoneAsync(AzureNames names, AzurePart part, CancellationToken cancellation, bool wasDeleting = false)
    {
        ArgumentNullException.ThrowIfNull(names);
        var left = await UntilAsync(names, part, "being deleted", null, IsOver, cancellation);
        if (left is { } resource)
        {
            throw new BuildException(
                ErrorCode.AzureOperationFailed, $"{Capital(names.Describe(part))} was being deleted and is there again, in the state {StateOf(resource)}.",
                cause: "Azure gave its deletion up, or somebody has made it anew", remedy: "run again; what is there is looked at anew");
        }

        bool IsOver(JsonElement? resource)
        {
            if (resource is not { } element)
                return true;
            var phase = ProvisioningStates.PhaseOf(StateOf(element));
            wasDeleting |= phase == ProvisioningPhase.Deleting;
            return wasDeleting && (phase is ProvisioningPhase.Ready or ProvisioningPhase.Broken);
        }
    }

    public Task<JsonElement?> LookAsync(AzureNames names, AzurePart part, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(names);
        return session.Arm.GetAsync(names.IdOf(part), AzureNames.ApiVersionOf(part), cancellation);
    }

    /// <summary>The provisioning state of an answer; empty where it has none.</summary>
    public static string StateOf(JsonElement resource) =>
        resource.TryGetProperty("properties", out var properties) && properties.TryGetProperty("provisioningState", out var state)
            ? state.GetString() ?? ""
            : "";

    private static bool IsSettled(JsonElement? resource) => resource is not { } element
        || ProvisioningStates.PhaseOf(StateOf(element)) is ProvisioningPhase.Ready or ProvisioningPhase.Broken;

    private async Task<JsonElement?> UntilAsync(
        AzureNames names, AzurePart part, string doing, Action<JsonElement>? onLook, Func<JsonElement?, bool> isOver, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var reported = TimeSpan.Zero;
        while (true)
        {
            var resource = await LookAsync(names, part, cancellation);
            if (resource is { } answer)
                onLook?.Invoke(answer);
            if (isOver(resource))
                return resource;
            var elapsed = time.GetElapsedTime(started);
            if (elapsed > timings.Deadline)
            {
                throw new BuildException(
                    ErrorCode.AzureOperationFailed,
                    string.Create(CultureInfo.InvariantCulture, $"{names.Describe(part)} is still {doing} after {elapsed.TotalMinutes:0} minutes."),
                    cause: "Azure has not finished what it began", remedy: "look at it in the portal; running again goes on where this ended");
            }

            if (elapsed - reported >= timings.Report)
            {
                reported = elapsed;
                console.Event($"{Capital(names.Describe(part))} {doing}, {Clock(elapsed)}");
            }

            await Task.Delay(timings.Poll, time, cancellation);
        }
    }

    /// <summary>"3 min 12 s".</summary>
    public static string Clock(TimeSpan time) => time.TotalMinutes >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s");

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
