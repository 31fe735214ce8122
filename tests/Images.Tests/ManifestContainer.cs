using Ambrosia.Testing.Docker;
using k8s.Models;

namespace Ambrosia.Images.Tests;

/// <summary>A pod's one container, run by docker as a kubelet would have it run.</summary>
internal sealed class ManifestContainer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, string?> _environment = new() { ["DOCKER_HOST"] = Machinery.Engine.Host };

    private ManifestContainer()
    {
    }

    public string Name { get; } = $"manifest-{Guid.NewGuid():N}";

    /// <param name="volume">A directory of this machine, as the pod's volume of logs; what a sub-path names must be there, and belong to its user.</param>
    /// <param name="secrets">Value of each key of a Secret that the environment refers to.</param>
    public static async Task<ManifestContainer> StartAsync(
        V1PodSpec pod, string volume, IReadOnlyDictionary<string, string> secrets, CancellationToken cancellation)
    {
        var container = new ManifestContainer();
        var spec = pod.Containers.Single();
        List<string> arguments = ["run", "--detach", "--name", container.Name, "--network", "none"];
        if (spec.Tty == true)
            arguments.Add("--tty");
        if (spec.Stdin == true)
            arguments.Add("--interactive");
        if (pod.SecurityContext is { RunAsUser: { } user, RunAsGroup: { } group })
            arguments.AddRange(["--user", $"{user}:{group}"]);
        if (spec.SecurityContext?.ReadOnlyRootFilesystem == true)
            arguments.Add("--read-only");
        if (spec.SecurityContext?.AllowPrivilegeEscalation == false)
            arguments.AddRange(["--security-opt", "no-new-privileges"]);
        foreach (var capability in spec.SecurityContext?.Capabilities?.Drop ?? [])
            arguments.AddRange(["--cap-drop", capability]);
        foreach (var variable in spec.Env ?? [])
        {
            arguments.AddRange(["--env", variable.Name]);
            container._environment[variable.Name] = variable.Value ?? secrets[variable.ValueFrom.SecretKeyRef.Key];
        }

        foreach (var mount in spec.VolumeMounts)
        {
            if (pod.Volumes.Single(each => each.Name == mount.Name).EmptyDir is not null)
                arguments.AddRange(["--tmpfs", $"{mount.MountPath}:mode=1777"]);
            else
                arguments.AddRange(["--volume", $"{Path.Combine(volume, mount.SubPath ?? "")}:{mount.MountPath}"]);
        }

        arguments.AddRange(["--entrypoint", spec.Command[0], spec.Image, .. spec.Command.Skip(1), .. spec.Args]);
        await container.DockerAsync(cancellation, [.. arguments]);
        return container;
    }

    public Task<string> DockerAsync(CancellationToken cancellation, params string[] arguments) =>
        Command.RunAsync(Machinery.Engine.Client, arguments, _environment, cancellation);

    public async Task<int> ExitAsync(CancellationToken cancellation) =>
        int.Parse((await DockerAsync(cancellation, "wait", Name)).Trim(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Standard output and standard error.</summary>
    public Task<string> LogAsync(CancellationToken cancellation) => Command.RunAsync("/bin/sh", ["-c", "exec \"$0\" logs \"$1\" 2>&1", Machinery.Engine.Client, Name], _environment, cancellation);

    public async Task AwaitAsync(string text, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Pause);
        var log = "";
        try
        {
            while (!(log = await LogAsync(cancellation)).Contains(text, StringComparison.Ordinal))
                await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"never written: \"{text}\":\n{log}");
        }
    }

    public async ValueTask DisposeAsync() => await DockerAsync(CancellationToken.None, "rm", "--force", Name);
}
