using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Platforms.Contracts;
using k8s;

namespace Ambrosia.Build.Cli.Kubernetes;

/// <summary>
/// The real <c>kubectl</c>. Each call names kubeconfig, context and namespace, so that the user's current context never matters,
/// and each failure is told by its kind (<see cref="KubectlFailure"/>).
/// </summary>
public sealed class KubectlCli(IProcessRunner runner, ISecretMask mask)
{
    /// <summary>Owner of the fields that are applied.</summary>
    public const string FieldManager = "ambrosia";

    public static readonly TimeSpan DefaultRequestTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A cluster that is well answers within a second or two.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The command as it is run, and as a user can type it.</summary>
    public static IReadOnlyList<string> Arguments(ClusterAccess access, params IEnumerable<string> command)
    {
        ArgumentNullException.ThrowIfNull(access);
        return ["--kubeconfig", access.Kubeconfig, "--context", access.Context, "--namespace", access.Namespace, .. command];
    }

    /// <exception cref="BuildException">AMB2001: kubectl is missing. AMB2003: <see cref="KubectlCommand.Timeout"/>. AMB5010 to AMB5012: it failed.</exception>
    public async Task<KubectlResult> RunAsync(ClusterAccess access, KubectlCommand command, CancellationToken cancellation)
    {
        var result = await TryAsync(access, command, cancellation);
        return result.Failure is null ? result : throw Failed(command, result);
    }

    /// <summary>Does not throw when kubectl fails: the caller judges <see cref="KubectlResult.Failure"/>.</summary>
    public async Task<KubectlResult> TryAsync(ClusterAccess access, KubectlCommand command, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        var result = await runner.RunAsync(Request(access, command) with { ThrowOnFailure = false, Timeout = command.Timeout }, cancellation);
        var failure = result.ExitCode == 0 ? null : KubectlFailure.Of(result.StandardError);
        return new KubectlResult(result.ExitCode, result.StandardOutput, result.StandardError, failure) { Context = access.Context };
    }

    /// <summary>An exception for a result of <see cref="TryAsync"/> that the caller cannot do with.</summary>
    /// <param name="what">Null: that the command failed.</param>
    public BuildException Failed(KubectlCommand command, KubectlResult result, string? what = null)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(result);
        var shown = string.Join(' ', command.Arguments.TakeWhile(word => word != "--" && !word.StartsWith('-')));
        var failure = result.Failure ?? KubectlFailure.Of(result.StandardError);
        var failed = string.Create(CultureInfo.InvariantCulture, $"kubectl {mask.Mask(shown)} failed with exit code {result.ExitCode}.");
        return failure.ToException(
            what ?? (failure.Kind == KubectlFailureKind.Unreachable ? $"The cluster of context {result.Context} cannot be asked: {failed}" : failed),
            mask.Mask(KubectlFailure.WithoutTraces(result.StandardError)));
    }

    /// <summary>
    /// Objects of several kinds in one call, such as <c>statefulsets,services</c>; empty where there are none, also where there is no such namespace.
    /// </summary>
    /// <param name="selector">Labels such as <c>ambrosia-deployment=hello</c>; null for all.</param>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(
        ClusterAccess access, IEnumerable<string> kinds, string? selector, CancellationToken cancellation)
    {
        var command = ListCommand(kinds, selector);
        return Items(await RunAsync(access, command, cancellation));
    }

    /// <summary>
    /// As <see cref="ListAsync"/>, but a kind without namespace that may not be read is left out: an account whose rights end at a namespace
    /// cannot list PersistentVolumes. One of the namespace has to be readable: what is not seen would be taken not to be there.
    /// </summary>
    /// <param name="dispensable">The one kind of the namespace that nothing depends on; null where each has to be readable.</param>
    /// <param name="onDispensed">Called when that kind may not be read.</param>
    public async Task<IReadOnlyList<JsonObject>> ListWhatMayBeReadAsync(
        ClusterAccess access, IEnumerable<string> kinds, string? selector, CancellationToken cancellation, string? dispensable = null,
        Action? onDispensed = null)
    {
        var command = ListCommand(kinds, selector);
        var result = await TryAsync(access, command, cancellation);
        if (result.Failure is not null && !(IsForbiddenAtClusterScopeAlone(result, dispensable) && result.StandardOutput.Length > 0))
            throw Failed(command, result);
        if (dispensable is not null && result.Failure is not null && IsForbidden(result.StandardError, dispensable))
            onDispensed?.Invoke();
        return Items(result);
    }

    /// <summary>Objects of one kind as the official models.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(ClusterAccess access, string kind, string? selector, CancellationToken cancellation) =>
        [.. (await ListAsync(access, [kind], selector, cancellation)).Select(item => KubernetesJson.Deserialize<T>(item.ToJsonString()))];

    /// <summary>
    /// Objects by their names, such as <c>service/generated-a</c>; those that do not exist are left out, and those without namespace that may
    /// not be read.
    /// </summary>
    public async Task<IReadOnlyList<JsonObject>> GetWhatMayBeReadAsync(ClusterAccess access, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0)
            return [];
        var command = new KubectlCommand(["get", .. names, "--ignore-not-found", "--output", "json", "--show-managed-fields"]);
        var result = await TryAsync(access, command, cancellation);
        return result.Failure is null || IsForbiddenAtClusterScopeAlone(result) ? Items(result) : throw Failed(command, result);
    }

    /// <summary>
    /// Server-side apply. Only our fields are owned; a field that somebody else has set is a failure, not overwritten.
    /// </summary>
    /// <param name="manifest">JSON: kubectl reads an unquoted <c>y</c> of YAML as a boolean.</param>
    public Task<KubectlResult> ApplyAsync(ClusterAccess access, string manifest, CancellationToken cancellation) =>
        RunAsync(access, ApplyCommand(manifest), cancellation);

    /// <summary>Deletes by names such as <c>service/generated-a</c> and waits until the objects are gone. What is gone already is no failure.</summary>
    /// <param name="timeout">How long to wait for them to be gone.</param>
    public async Task DeleteAsync(ClusterAccess access, IReadOnlyList<string> names, TimeSpan timeout, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0)
            return;
        await RunAsync(
            access, new KubectlCommand(["delete", .. names, "--ignore-not-found", $"--timeout={Seconds(timeout)}"]) { RequestTimeout = null }, cancellation);
    }

    /// <summary>Deletes all objects of some kinds that carry the labels, in this namespace, and waits until they are gone.</summary>
    public Task DeleteByLabelAsync(
        ClusterAccess access, IEnumerable<string> kinds, string selector, TimeSpan timeout, CancellationToken cancellation) =>
        RunAsync(
            access,
            new KubectlCommand("delete", string.Join(',', kinds), "--selector", selector, "--ignore-not-found", $"--timeout={Seconds(timeout)}")
            {
                RequestTimeout = null,
            },
            cancellation);

    /// <summary>
    /// Takes a pod out of the API at once, so that its controller makes another. What still runs of it gets SIGTERM and the pod's grace period,
    /// unseen, and runs beside its successor meanwhile (https://github.com/kubernetes/kubernetes/issues/120449).
    /// </summary>
    public Task ForceDeletePodAsync(ClusterAccess access, string pod, CancellationToken cancellation) =>
        RunAsync(
            access, new KubectlCommand("delete", $"pod/{pod}", "--grace-period=0", "--force", "--wait=false", "--ignore-not-found"), cancellation);

    /// <summary>
    /// Deletes one pod and never its successor of the same name, and does not wait for it to be gone: the failure is
    /// <see cref="KubectlFailureKind.StaleObject"/> when the name is another pod's by now.
    /// </summary>
    public Task<KubectlResult> DeletePodAsync(ClusterAccess access, string pod, string uid, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        // kubectl has no option for a precondition, but passes on a body.
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["preconditions"] = new JsonObject { ["uid"] = uid } };
        return TryAsync(
            access, new KubectlCommand("delete", "--raw", $"/api/v1/namespaces/{access.Namespace}/pods/{pod}", "--filename", "-") { StandardInput = options.ToJsonString() },
            cancellation);
    }

    /// <summary>Runs a command in a pod's container. Only kubectl's own failures throw: the exit code is the command's.</summary>
    /// <param name="standardInput">Null: none is attached.</param>
    public async Task<KubectlResult> ExecAsync(
        ClusterAccess access, string pod, string container, IEnumerable<string> command, string? standardInput, TimeSpan? timeout,
        CancellationToken cancellation)
    {
        var result = await TryExecAsync(access, pod, container, command, standardInput, timeout, cancellation);
        return result.Failure is null ? result : throw Failed(new KubectlCommand("exec", pod), result);
    }

    /// <summary>As <see cref="ExecAsync"/>, but does not throw when kubectl fails: the caller judges <see cref="KubectlResult.Failure"/>.</summary>
    public async Task<KubectlResult> TryExecAsync(
        ClusterAccess access, string pod, string container, IEnumerable<string> command, string? standardInput, TimeSpan? timeout,
        CancellationToken cancellation)
    {
        string[] stdin = standardInput is null ? [] : ["--stdin"];
        var request = new KubectlCommand(["exec", pod, "--container", container, .. stdin, "--", .. command])
        {
            StandardInput = standardInput,
            RequestTimeout = null,
            Timeout = timeout,
        };
        var result = await TryAsync(access, request, cancellation);
        return result.StandardError.Contains("command terminated with exit code", StringComparison.Ordinal) ? result with { Failure = null } : result;
    }

    /// <summary>
    /// Follows a container's log. kubectl ends with 0 when the container does, also when the pod is deleted, and does not follow its successor.
    /// </summary>
    /// <param name="arguments">Such as <c>--timestamps</c>, <c>--since-time=…</c>.</param>
    public IRunningProcess FollowLogs(
        ClusterAccess access, string pod, string container, IEnumerable<string> arguments, Action<string> onLine, Action<string> onErrorLine) =>
        runner.Start(
            Request(access, new KubectlCommand(["logs", pod, "--container", container, "--follow", .. arguments]) { RequestTimeout = null })
                with
            { OnOutputLine = onLine, OnErrorLine = onErrorLine });

    /// <summary>What a container has written; the failure tells that there is no such pod or container (yet).</summary>
    /// <param name="previous">That of the container's former life.</param>
    public Task<KubectlResult> LogsAsync(
        ClusterAccess access, string pod, string container, int lines, bool previous, CancellationToken cancellation)
    {
        string[] former = previous ? ["--previous"] : [];
        var command = new KubectlCommand(
            ["logs", pod, "--container", container, string.Create(CultureInfo.InvariantCulture, $"--tail={lines}"), .. former]);
        return TryAsync(access, command, cancellation);
    }

    /// <summary>Waits until the newest version of a StatefulSet runs; the failure is <see cref="KubectlFailureKind.TimedOut"/> after the time.</summary>
    public Task<KubectlResult> RolloutStatusAsync(ClusterAccess access, string statefulSet, TimeSpan timeout, CancellationToken cancellation) =>
        TryAsync(
            access,
            new KubectlCommand("rollout", "status", $"statefulset/{statefulSet}", $"--timeout={Seconds(timeout)}") { RequestTimeout = null },
            cancellation);

    /// <summary>Waits until objects of these names are gone; the failure is <see cref="KubectlFailureKind.TimedOut"/> after the time.</summary>
    public Task<KubectlResult> WaitForDeletionAsync(
        ClusterAccess access, IReadOnlyList<string> names, TimeSpan timeout, CancellationToken cancellation) =>
        TryAsync(
            access,
            new KubectlCommand(["wait", "--for=delete", .. names, $"--timeout={Seconds(timeout)}"]) { RequestTimeout = null },
            cancellation);

    /// <summary>Keeps new pods off a node.</summary>
    /// <returns>False when it took none before.</returns>
    public async Task<bool> CordonAsync(ClusterAccess access, string node, CancellationToken cancellation)
    {
        var result = await RunAsync(access, new KubectlCommand("cordon", node), cancellation);
        return !result.StandardOutput.Contains("already cordoned", StringComparison.Ordinal);
    }

    public Task UncordonAsync(ClusterAccess access, string node, CancellationToken cancellation) =>
        RunAsync(access, new KubectlCommand("uncordon", node), cancellation);

    /// <summary>The version of kubectl, and of the server where it answers: kubectl prints its own part and fails otherwise.</summary>
    public async Task<KubectlVersions> VersionAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await TryAsync(access, new KubectlCommand("version", "--output", "json"), cancellation);
        var answer = Parse(result.StandardOutput);
        return new KubectlVersions(
            (string?)answer?["clientVersion"]?["gitVersion"], (string?)answer?["serverVersion"]?["gitVersion"], result.Failure,
            mask.Mask(result.StandardError));
    }

    /// <summary>
    /// The API server's own time, in whole seconds, as it puts it into the answer to "who am I": that needs no right and changes nothing. Null where
    /// it does not say: before Kubernetes 1.28.
    /// </summary>
    public async Task<DateTimeOffset?> ServerTimeAsync(ClusterAccess access, CancellationToken cancellation)
    {
        var result = await TryAsync(access, new KubectlCommand("auth", "whoami", "--output", "json"), cancellation);
        return result.Succeeded && DateTimeOffset.TryParse(
            (string?)Parse(result.StandardOutput)?["metadata"]?["creationTimestamp"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }

    /// <summary>
    /// Which of these rights the account has, in one call; those that the server says nothing of are left out. (<c>kubectl auth can-i --list</c> is
    /// one call, too, but what a webhook or Azure RBAC grants is not in it.)
    /// </summary>
    public async Task<IReadOnlyDictionary<AccessRight, bool>> MayAsync(
        ClusterAccess access, IReadOnlyCollection<AccessRight> rights, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(access);
        ArgumentNullException.ThrowIfNull(rights);
        var reviews = new JsonArray([.. rights.Select(right => right.Review(access.Namespace))]);
        var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = reviews };
        // The way of https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access: nothing is made by it.
        var result = await TryAsync(
            access, new KubectlCommand("create", "--filename", "-", "--validate=false", "--output", "json") { StandardInput = list.ToJsonString() }, cancellation);
        var answers = new Dictionary<AccessRight, bool>();
        foreach (var answer in Documents(result))
        {
            if (rights.FirstOrDefault(right => right.IsAnsweredBy(answer)) is { } right && (bool?)answer["status"]?["allowed"] is { } allowed)
                answers[right] = allowed;
        }

        return answers;
    }

    /// <summary>The server says for each refused kind whether it was asked for in a namespace or "at the cluster scope".</summary>
    private static bool IsForbiddenAtClusterScopeAlone(KubectlResult result, string? dispensable = null) =>
        result.Failure is { Kind: KubectlFailureKind.Forbidden }
        && result.StandardError.Split('\n').Where(line => line.Contains("orbidden", StringComparison.Ordinal))
            .All(line => line.Contains("at the cluster scope", StringComparison.Ordinal)
                || (dispensable is not null && IsForbidden(line, dispensable)));

    private static bool IsForbidden(string error, string kind) => error.Contains($": {kind} is forbidden:", StringComparison.Ordinal);

    internal static KubectlCommand ApplyCommand(string manifest, params IEnumerable<string> options) =>
        new(["apply", "--server-side", $"--field-manager={FieldManager}", .. options, "--filename", "-"]) { StandardInput = manifest };

    private static KubectlCommand ListCommand(IEnumerable<string> kinds, string? selector)
    {
        string[] labels = selector is null ? [] : ["--selector", selector];
        return new KubectlCommand(["get", string.Join(',', kinds), .. labels, "--output", "json", "--show-managed-fields"]);
    }

    private static ProcessRequest Request(ClusterAccess access, KubectlCommand command)
    {
        string[] timeout = command.RequestTimeout is { } limit ? [$"--request-timeout={Seconds(limit)}"] : [];
        return new ProcessRequest("kubectl", [.. Arguments(access), .. timeout, .. command.Arguments])
        {
            StandardInput = command.StandardInput,
            Secrets = command.Secrets,
            ToldAfter = command.RequestTimeout is null ? null : Patience,
        };
    }

    /// <summary>A list as its items, one object as itself, nothing as nothing.</summary>
    internal static IReadOnlyList<JsonObject> Items(KubectlResult result) => Parse(result.StandardOutput) switch
    {
        null => [],
        var list when (string?)list["kind"] == "List" && list["items"] is JsonArray items => [.. items.OfType<JsonObject>()],
        var single => [single],
    };

    /// <summary>What <c>kubectl create</c> prints: one document an object, without anything between them; a list, where it chooses to.</summary>
    private static IEnumerable<JsonObject> Documents(KubectlResult result)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(result.StandardOutput), new JsonReaderOptions { AllowMultipleValues = true });
        var documents = new List<JsonObject>();
        try
        {
            while (reader.Read())
            {
                if (JsonNode.Parse(ref reader) is JsonObject document)
                    documents.Add(document);
            }
        }
        catch (JsonException)
        {
            return documents; // what kubectl has not said is not known
        }

        return documents.SelectMany(document => document["items"] is JsonArray items ? items.OfType<JsonObject>() : [document]);
    }

    private static JsonObject? Parse(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException exception)
        {
            // Its text is not shown: it may hold what should not be read.
            throw new BuildException(
                ErrorCode.ClusterRequestFailed, "kubectl did not answer with JSON.", cause: exception.Message,
                remedy: "run the command by hand; a wrapper named kubectl may print beside its answer");
        }
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, Math.Ceiling(time.TotalSeconds)):0}s");
}
