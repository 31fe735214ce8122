using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;

namespace Ambrosia.Build.Cli.Docker;

/// <summary>
/// The <c>docker</c> commands that the suite uses, typed. Builds run with the user's own docker configuration (its context, its plug-ins,
/// its logins for base images); a login of ours goes into a private one, so that it neither replaces nor joins the user's own.
/// </summary>
public sealed partial class DockerCli(IProcessRunner runner, StateDirectory state)
{
    private const string Tool = "docker";

    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private string PrivateConfiguration => Path.Combine(state.Ensure(), "docker");

    /// <summary>Client and daemon in one call; it fails where no daemon answers, with the client's part on standard output all the same.</summary>
    public async Task<DockerState> StateAsync(CancellationToken cancellation)
    {
        ProcessResult? result = null;
        var client = await ToolState.AskAsync(ToolRequirement.Docker, async () =>
        {
            result = await runner.RunAsync(
                new ProcessRequest(Tool, ["version", "--format", "{{json .}}"]) { Timeout = Short, ThrowOnFailure = false }, cancellation);
            return Answer(result)?["Client"]?["Version"]?.GetValue<string>();
        });
        if (Answer(result)?["Server"] is JsonObject daemon && daemon["Version"]?.GetValue<string>() is { } version)
            return new DockerState(client, version, $"{(string?)daemon["Os"]}/{(string?)daemon["Arch"]}", null);
        var words = result?.StandardError.Trim();
        return new DockerState(client, null, null, string.IsNullOrEmpty(words) ? "no answer of a daemon" : words);
    }

    private static JsonObject? Answer(ProcessResult? result)
    {
        try
        {
            return JsonNode.Parse(result?.StandardOutput ?? "null") as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null where the engine has no such image.</summary>
    public async Task<DockerImage?> InspectAsync(string reference, CancellationToken cancellation)
    {
        var result = await TryAsync(["image", "inspect", reference], cancellation);
        if (result.ExitCode == 0)
            return Parse(result.StandardOutput);
        if (result.StandardError.Contains("No such image", StringComparison.OrdinalIgnoreCase))
            return null;
        throw DockerFailure.Explain($"docker image inspect {reference}", ErrorCode.DockerUnavailable, result.StandardError);
    }

    /// <summary>The tags of the images with a label, newest first.</summary>
    public async Task<IReadOnlyList<string>> TagsAsync(string label, CancellationToken cancellation)
    {
        var output = await RunAsync("docker image ls", ["image", "ls", "--filter", $"label={label}", "--format", "{{.Tag}}"], cancellation);
        return [.. output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(tag => tag != "<none>")];
    }

    /// <summary>Removes the images with a label from the engine; containers that use one keep it.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RemoveAsync(string label, CancellationToken cancellation)
    {
        var output = await RunAsync("docker image ls", ["image", "ls", "--filter", $"label={label}", "--format", "{{.Repository}}:{{.Tag}}"], cancellation);
        string[] references = [.. output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(reference => !reference.Contains("<none>", StringComparison.Ordinal))];
        if (references.Length > 0)
            await RunAsync("docker image rm", ["image", "rm", .. references], cancellation);
        return references.Length;
    }

    /// <summary>Works with BuildKit and with the builder before it: whichever the user's docker has.</summary>
    /// <exception cref="BuildException">AMB4002 with the builder's own words.</exception>
    public async Task BuildAsync(DockerBuild build, Action<string> onLine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(build);
        List<string> arguments = ["build", "--file", build.Dockerfile, "--platform", build.Platform, "--tag", build.Tag];
        foreach (var (name, value) in build.Arguments.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            arguments.AddRange(["--build-arg", $"{name}={value}"]);
        foreach (var (name, value) in build.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            arguments.AddRange(["--label", $"{name}={value}"]);
        arguments.Add(build.Context);
        var result = await runner.RunAsync(
            new ProcessRequest(Tool, arguments)
            {
                ThrowOnFailure = false,
                Timeout = Long,
                OnOutputLine = onLine,
                OnErrorLine = onLine,
                Environment = new Dictionary<string, string?>
                {
                    ["BUILDKIT_PROGRESS"] = "plain",
                    // An attestation makes an index of every image, with a time in it: another digest at each build.
                    // https://docs.docker.com/build/metadata/attestations/
                    ["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1",
                },
            },
            cancellation);
        if (result.ExitCode != 0)
            throw DockerFailure.Explain("docker build", ErrorCode.ImageBuildFailed, result.StandardError + "\n" + result.StandardOutput);
    }

    /// <summary>Runs an image once, without a network, to its end.</summary>
    /// <returns>Exit code 125 where docker itself could not run a container.</returns>
    public Task<ProcessResult> RunOnceAsync(string image, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return TryAsync(["run", "--rm", "--network", "none", "--read-only", image, .. arguments], cancellation);
    }

    /// <summary>Writes an image into a file, for <c>ctr images import</c> and its kind.</summary>
    /// <exception cref="BuildException">AMB4005: the disk of the file is full. AMB4003 and others with docker's own words.</exception>
    public async Task SaveAsync(string reference, string file, CancellationToken cancellation)
    {
        var result = await TryAsync(["save", "--output", file, reference], cancellation, timeout: Long);
        if (result.ExitCode != 0)
            throw DockerFailure.ExplainSave(reference, file, result.StandardError);
    }

    /// <summary>Opens a session of a private docker configuration with this login; the login is forgotten when the session is closed.</summary>
    /// <param name="login">Null: docker's own logins.</param>
    /// <exception cref="BuildException">AMB4004: name or password are refused. AMB4005: the registry does not answer.</exception>
    public async Task<DockerSession> LoginAsync(RegistryLogin? login, CancellationToken cancellation)
    {
        if (login is null)
            return new DockerSession(this, null, [], null);
        var configuration = PrivateConfiguration;
        var session = new DockerSession(this, login.Server, ["--config", configuration], await EndpointAsync(cancellation));
        var result = await runner.RunAsync(
            new ProcessRequest(Tool, ["--config", configuration, "login", "--username", login.User, "--password-stdin", login.Server])
            {
                StandardInput = login.Password,
                Secrets = [login.Password],
                Environment = session.Environment,
                ThrowOnFailure = false,
                Timeout = Short,
            },
            cancellation);
        if (result.ExitCode == 0)
            return session;
        throw DockerFailure.Explain($"docker login to {login}", ErrorCode.RegistryLoginFailed, result.StandardError);
    }

    /// <summary>Which manifest a registry has under a name, with the logins of a session; null where it has none, or docker cannot tell.</summary>
    internal async Task<string?> ManifestDigestAsync(string reference, DockerSession session, CancellationToken cancellation)
    {
        string[] insecure = RegistryAddress.IsLoopback(reference) ? ["--insecure"] : [];
        var result = await TryAsync([.. session.Options, "manifest", "inspect", "--verbose", .. insecure, reference], cancellation, session);
        if (result.ExitCode != 0)
            return null;
        using var document = JsonDocument.Parse(result.StandardOutput);
        // Of an index docker shows the parts, and not its own digest.
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("Descriptor", out var descriptor)
            ? descriptor.GetProperty("digest").GetString()
            : null;
    }

    internal async Task<string> PushAsync(string reference, DockerSession session, Action<string> onLine, CancellationToken cancellation)
    {
        var result = await runner.RunAsync(
            new ProcessRequest(Tool, [.. session.Options, "push", reference])
            {
                ThrowOnFailure = false,
                Timeout = Long,
                Environment = session.Environment,
                OnOutputLine = onLine,
            },
            cancellation);
        if (result.ExitCode != 0)
            throw DockerFailure.Explain($"docker push {reference}", ErrorCode.PushFailed, result.StandardError);
        return PushedDigest().Match(result.StandardOutput) is { Success: true } match
            ? match.Groups[1].Value
            : throw new BuildException(ErrorCode.PushFailed, $"docker push {reference} told no digest.", toolOutput: result.StandardOutput);
    }

    internal async Task LogoutAsync(DockerSession session) =>
        await TryAsync([.. session.Options, "logout", session.Server!], CancellationToken.None, session);

    /// <summary>
    /// A private configuration knows nothing of the user's docker contexts, by which Docker Desktop, Rancher Desktop and colima say where
    /// their engine listens.
    /// </summary>
    private async Task<string?> EndpointAsync(CancellationToken cancellation)
    {
        var result = await TryAsync(["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], cancellation);
        return result.ExitCode == 0 && result.StandardOutput.Trim() is { Length: > 0 } endpoint ? endpoint : null;
    }

    private async Task<string> RunAsync(string what, IReadOnlyList<string> arguments, CancellationToken cancellation, TimeSpan? timeout = null)
    {
        var result = await TryAsync(arguments, cancellation, timeout: timeout);
        return result.ExitCode == 0 ? result.StandardOutput : throw DockerFailure.Explain(what, ErrorCode.DockerUnavailable, result.StandardError);
    }

    private Task<ProcessResult> TryAsync(
        IReadOnlyList<string> arguments, CancellationToken cancellation, DockerSession? session = null, TimeSpan? timeout = null) =>
        runner.RunAsync(
            new ProcessRequest(Tool, arguments)
            {
                ThrowOnFailure = false,
                Timeout = timeout ?? Short,
                Environment = session?.Environment ?? new Dictionary<string, string?>(),
            },
            cancellation);

    private static DockerImage Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var image = document.RootElement[0];
        return new DockerImage(
            image.GetProperty("Id").GetString()!,
            $"{image.GetProperty("Os").GetString()}/{image.GetProperty("Architecture").GetString()}",
            image.TryGetProperty("RepoDigests", out var digests) && digests.ValueKind == JsonValueKind.Array
                ? [.. digests.EnumerateArray().Select(digest => digest.GetString()!)]
                : [],
            image.GetProperty("Size").GetInt64());
    }

    [GeneratedRegex(@"digest: (sha256:[0-9a-f]{64}) size: [0-9]+")]
    private static partial Regex PushedDigest();
}
