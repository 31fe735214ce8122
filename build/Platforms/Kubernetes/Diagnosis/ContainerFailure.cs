using System.Globalization;
using Ambrosia.Build.Oracle;
using k8s.Models;

namespace Ambrosia.Build.Platforms.Kubernetes.Diagnosis;

/// <summary>Why a container that has run, or should, does not. Pure.</summary>
internal static class ContainerFailure
{
    private const int KilledExitCode = 137;

    /// <summary>sysexits' EX_CONFIG, with which our coordinator ends when a restart cannot help.</summary>
    private const int NeedsPersonExitCode = 78;

    /// <summary>Null when its end is no failure.</summary>
    public static RolloutProblem? Ended(
        string instance, string pod, V1ContainerStatus status, V1ContainerStateTerminated end, IReadOnlyList<string> lines, string? livenessMessage)
    {
        if (end.Reason == "OOMKilled")
        {
            return Problem(
                RolloutProblemKind.OutOfMemory, $"the container was killed because it used more memory than its limit ({Restarts(status)})",
                "the memory limit of the pod is too low for this work", "raise kubernetes.resources.limits.memory (where it is null, the limit is a LimitRange's of the namespace), or lower verify.maxMessageBytes and triggerSizeMiB");
        }

        if (StartFailure(end.Message ?? "", lines) is var (kind, what, cause, cure))
            return Problem(kind, what, cause, cure);
        if (end.ExitCode == KilledExitCode && livenessMessage is not null)
        {
            return Problem(
                RolloutProblemKind.ProbeFailing, $"the container is killed for its liveness probe ({Restarts(status)}): {livenessMessage}",
                "the coordinator does not answer on its health port", "look at its last lines");
        }

        if (CoordinatorsWord(lines) is { Error: var refusal } && IsUnwritable(refusal))
        {
            return Problem(
                RolloutProblemKind.VolumeNotWritable, $"the coordinator ends with: {refusal} ({Restarts(status)})",
                "the volume's directory belongs to root, and volumes of its type (hostPath, NFS) do not obey the pod's fsGroup",
                "set kubernetes.storageClass to a class whose volumes do (kubectl get storageclass), clean the logs (./build.sh --target=Clean --scope=logs) and deploy again. "
                + "A class of rancher.io/local-path makes such volumes after: kubectl annotate storageclass NAME defaultVolumeType=local. "
                + "Or make the directory writable on the node (chmod 0777); kubectl describe pv names it");
        }

        return CoordinatorsWord(lines) is var (error, why, fix)
            ? Problem(
                RolloutProblemKind.CrashLoop, $"the coordinator ends with: {error} ({Restarts(status)})",
                why ?? (end.ExitCode == NeedsPersonExitCode ? "a restart cannot help" : "see its last lines"), fix ?? "see its last lines")
            : Problem(
                RolloutProblemKind.CrashLoop,
                string.Create(CultureInfo.InvariantCulture, $"the container ends again and again with exit code {end.ExitCode} ({Restarts(status)})"),
                "its last lines say why", "correct what they name, and deploy again");

        RolloutProblem Problem(RolloutProblemKind kind, string what, string cause, string cure) => new(instance, pod, kind, what, cause, cure, lines);
    }

    /// <summary>The container's process could not even be started; null when it could.</summary>
    public static (RolloutProblemKind Kind, string What, string Cause, string Cure)? StartFailure(string message, IReadOnlyList<string> lines)
    {
        if (lines.Append(message).FirstOrDefault(line => line.Contains("exec format error", StringComparison.Ordinal)) is { } format)
        {
            return (
                RolloutProblemKind.WrongPlatform, $"the program is for another processor: {format}", "the image was built for another processor than the node's",
                "set images.platform to the nodes' (kubectl get nodes -o wide), and run again");
        }

        // .NET cannot start its first thread: glibc from 2.34 on calls clone3, and takes EPERM for a refusal, where profiles have answered ENOSYS
        // since autumn 2021 (moby/moby#42681, containerd/containerd#6013 and #6014).
        if (lines.FirstOrDefault(IsWithoutThreads) is { } threads)
        {
            return (
                RolloutProblemKind.SystemCallForbidden, $"the program cannot start a thread: {threads.Trim()}",
                "most often the node's container runtime is older than the image's C library, and its seccomp profile forbids the call clone3; a memory or process limit that is far too low looks the same",
                "update the nodes' container runtime (containerd 1.4.11, 1.5.7 or Docker 20.10.10, or newer), or set images.base to an image with a glibc before 2.34, such as "
                + "mcr.microsoft.com/dotnet/runtime-deps:6.0-bullseye-slim, and run again");
        }

        if (message.Contains("executable file not found", StringComparison.Ordinal) || message.Contains("no such file or directory", StringComparison.Ordinal))
        {
            return (
                RolloutProblemKind.CommandMissing, $"the command is not in the image: {message}", "the instance's command names a program that the image does not hold",
                "check instances[].command, and that images.dockerfile copies the program");
        }

        return message.Contains("permission denied", StringComparison.Ordinal)
            ? (
                RolloutProblemKind.CommandMissing, $"the command may not be executed: {message}", "the program's file is not executable for the container's user",
                "mark it executable (chmod +x) in the image")
            : null;
    }

    private static bool IsWithoutThreads(string line) =>
        line.Contains("Failed to create CoreCLR", StringComparison.Ordinal)
        || (line.Contains("pthread_create", StringComparison.Ordinal) && line.Contains("Operation not permitted", StringComparison.Ordinal));

    /// <summary>What our coordinator has said last of why it ends: AMB51xx with cause and fix. That the app has ended is no reason by itself.</summary>
    private static (string Error, string? Cause, string? Fix)? CoordinatorsWord(IReadOnlyList<string> lines)
    {
        var parsed = lines.Select(LogLine.Parse).ToList();
        var at = parsed.FindLastIndex(line => line is LogLine.CoordinatorError { IsAppExit: false });
        if (at < 0)
            at = parsed.FindLastIndex(line => line is LogLine.CoordinatorError);
        if (at < 0)
            return null;
        var more = parsed.Skip(at + 1).TakeWhile(line => line is LogLine.Explanation).OfType<LogLine.Explanation>().Select(line => line.Text.Trim()).ToList();
        return (((LogLine.CoordinatorError)parsed[at]!).Text, After("cause: "), After("fix: "));

        string? After(string word) => more.Find(line => line.StartsWith(word, StringComparison.Ordinal))?[word.Length..];
    }

    /// <summary>A disk that is read-only or fails is another matter.</summary>
    private static bool IsUnwritable(string error) =>
        error.Contains("AMB5103", StringComparison.Ordinal) && error.Contains("denied", StringComparison.OrdinalIgnoreCase);

    private static string Restarts(V1ContainerStatus status) =>
        status.RestartCount == 1 ? "1 restart" : string.Create(CultureInfo.InvariantCulture, $"{status.RestartCount} restarts");
}
