using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Cli.Kubernetes;

public enum KubectlFailureKind
{
    /// <summary>No answer, or none that could be trusted: refused, cut, too slow, unknown host, wrong certificate.</summary>
    Unreachable,

    /// <summary>The server does not know who asks.</summary>
    Unauthorized,

    /// <summary>The server knows, and refuses.</summary>
    Forbidden,

    /// <summary>The server is there but cannot answer now (429, 5xx).</summary>
    Unavailable,

    /// <summary>The server is there but does not reach the kubelet of a node, which runs commands in containers and keeps their logs.</summary>
    NodeUnreachable,

    NotFound,

    AlreadyExists,

    /// <summary>Another field manager owns what was to be changed.</summary>
    FieldConflict,

    /// <summary>The object was changed by somebody else since it was read.</summary>
    StaleObject,

    /// <summary>The server refuses the object as it is.</summary>
    Invalid,

    /// <summary>kubectl waited in vain for a condition.</summary>
    TimedOut,

    Other,
}

/// <summary>
/// What kubectl's standard error says. Its exit code is 1 for everything, so the text alone tells failures apart; versions word it differently.
/// </summary>
public sealed record KubectlFailure(KubectlFailureKind Kind, ErrorCode Code, string? Cause, string? Remedy)
{
    /// <summary>What kubectl puts before an answer of the server: whatever failed then, it was not the way to the server.</summary>
    private const string Answered = "Error from server";

    /// <summary>
    /// In this order: whom the server itself could not reach, it says in the words of our own connection failures, and a connection failure drags
    /// texts of other kinds behind it.
    /// </summary>
    private static readonly (string Text, KubectlFailureKind Kind)[] Texts =
    [
        // Servers before 1.30, or clients without WebSockets; then newer ones; then logs, which the server fetches with a plain GET.
        ("error dialing backend", KubectlFailureKind.NodeUnreachable),
        (":10250/exec/", KubectlFailureKind.NodeUnreachable),
        ("/containerLogs/", KubectlFailureKind.NodeUnreachable),
        ("failed calling webhook", KubectlFailureKind.Unavailable),
        ("conversion webhook for", KubectlFailureKind.Unavailable),
        ("denied the request", KubectlFailureKind.Invalid), // a webhook, with (Forbidden) in front where it gives no other reason
        ("denied request: ", KubectlFailureKind.Invalid), // a ValidatingAdmissionPolicy
        ("violates PodSecurity", KubectlFailureKind.Invalid),
        ("provide credentials", KubectlFailureKind.Unauthorized),
        ("(Unauthorized)", KubectlFailureKind.Unauthorized),
        ("error: EOF", KubectlFailureKind.Unauthorized), // it asked for a user name on a terminal that is not there
        ("getting credentials:", KubectlFailureKind.Unauthorized), // an exec plugin failed
        ("x509:", KubectlFailureKind.Unreachable),
        ("was refused", KubectlFailureKind.Unreachable),
        ("connection refused", KubectlFailureKind.Unreachable),
        ("Unable to connect to the server", KubectlFailureKind.Unreachable),
        ("no such host", KubectlFailureKind.Unreachable),
        ("i/o timeout", KubectlFailureKind.Unreachable),
        ("TLS handshake timeout", KubectlFailureKind.Unreachable),
        ("Client.Timeout exceeded", KubectlFailureKind.Unreachable),
        ("context deadline exceeded", KubectlFailureKind.Unreachable),
        ("connection reset by peer", KubectlFailureKind.Unreachable),
        ("unexpected EOF", KubectlFailureKind.Unreachable),
        ("client connection lost", KubectlFailureKind.Unreachable),
        ("dial tcp", KubectlFailureKind.Unreachable),
        ("invalid configuration", KubectlFailureKind.Unreachable),
        ("error: context ", KubectlFailureKind.Unreachable), // error: context "x" does not exist
        ("error loading config file", KubectlFailureKind.Unreachable),
        ("(AlreadyExists)", KubectlFailureKind.AlreadyExists),
        ("(Forbidden)", KubectlFailureKind.Forbidden),
        (" is forbidden: ", KubectlFailureKind.Forbidden),
        ("Apply failed with", KubectlFailureKind.FieldConflict),
        ("the object has been modified", KubectlFailureKind.StaleObject),
        ("the UID in the precondition", KubectlFailureKind.StaleObject),
        ("(NotFound)", KubectlFailureKind.NotFound),
        ("error: no matching resources found", KubectlFailureKind.NotFound),
        (" is invalid: ", KubectlFailureKind.Invalid),
        ("(BadRequest)", KubectlFailureKind.Invalid),
        ("strict decoding error", KubectlFailureKind.Invalid),
        ("(ServiceUnavailable)", KubectlFailureKind.Unavailable),
        ("(TooManyRequests)", KubectlFailureKind.Unavailable),
        ("(Timeout)", KubectlFailureKind.Unavailable),
        ("(InternalError)", KubectlFailureKind.Unavailable),
        ("unable to handle the request", KubectlFailureKind.Unavailable),
        ("serializer for text/html", KubectlFailureKind.Unavailable), // a proxy answered instead
        ("timed out waiting for the condition", KubectlFailureKind.TimedOut),
    ];

    public static KubectlFailure Of(string standardError)
    {
        ArgumentNullException.ThrowIfNull(standardError);
        // An aggregated API that is down leaves traces in every command, also in those that fail for something else.
        var text = WithoutTraces(standardError.ReplaceLineEndings("\n")).TrimEnd('\n') + "\n";
        var isAnswer = text.StartsWith(Answered, StringComparison.Ordinal) || text.Contains("\n" + Answered, StringComparison.Ordinal);
        var kinds = Texts.Where(entry => text.Contains(entry.Text, StringComparison.Ordinal)).Select(entry => entry.Kind).DefaultIfEmpty(KubectlFailureKind.Other).ToList();
        var kind = isAnswer && kinds[0] == KubectlFailureKind.Unreachable
            ? kinds.Find(other => other != KubectlFailureKind.Unreachable) is var other and not KubectlFailureKind.Unreachable ? other : KubectlFailureKind.Unavailable
            : kinds[0];
        var (cause, remedy) = Advice(kind, text);
        return new KubectlFailure(kind, CodeOf(kind), cause, remedy);
    }

    /// <param name="what">What was to be done, as a sentence.</param>
    /// <param name="maskedError">kubectl's own words, without secrets.</param>
    public BuildException ToException(string what, string maskedError) => new(Code, what, Cause, Remedy, maskedError);

    /// <summary>kubectl from 1.32 on writes five lines of its own tracing before the one that says what is wrong.</summary>
    internal static string WithoutTraces(string error)
    {
        var lines = error.Split('\n');
        var told = lines.Where(line => !line.Contains("memcache.go:", StringComparison.Ordinal)).ToList();
        return told.Exists(line => !string.IsNullOrWhiteSpace(line)) ? string.Join('\n', told) : error;
    }

    private static ErrorCode CodeOf(KubectlFailureKind kind) => kind switch
    {
        KubectlFailureKind.Unreachable => ErrorCode.ClusterUnreachable,
        KubectlFailureKind.Unauthorized or KubectlFailureKind.Forbidden => ErrorCode.ClusterForbidden,
        _ => ErrorCode.ClusterRequestFailed,
    };

    private static (string? Cause, string? Remedy) Advice(KubectlFailureKind kind, string text)
    {
        return kind switch
        {
            KubectlFailureKind.Unauthorized => ("the credentials of the kubeconfig are missing, wrong or expired", "log in again, so that the kubeconfig is renewed"),
            KubectlFailureKind.Unreachable when Has("x509:") && (Has("has expired") || Has("not yet valid")) =>
                ("a certificate has run out, or a clock is wrong", "renew the cluster's certificate or the kubeconfig, and compare the clocks"),
            KubectlFailureKind.Unreachable when Has("x509:") =>
                ("the server's certificate is not the one that the kubeconfig trusts", "fetch the kubeconfig anew; the cluster may have been made again"),
            KubectlFailureKind.Unreachable when Has("error: context ") || Has("invalid configuration") || Has("error loading config file") =>
                ("the kubeconfig does not hold what the configuration names", "check kubernetes.context and kubernetes.kubeconfig"),
            KubectlFailureKind.Unreachable when Has("no such host") =>
                ("the name of the API server is unknown: the cluster was deleted or is private, or there is no network", "check the network or VPN, and that the cluster exists"),
            KubectlFailureKind.Unreachable when Has("refused") => (null, "start the cluster, and check the server's address in the kubeconfig"),
            KubectlFailureKind.Unreachable => (null, "check the network to the cluster, and try again"),
            KubectlFailureKind.Forbidden when Has("because it is being terminated") =>
                ("the namespace is being deleted", "wait until it is gone, or choose another kubernetes.namespace"),
            KubectlFailureKind.Forbidden when Has("exceeded quota") => ("a quota of the namespace is used up", "raise the quota, or remove what uses it"),
            KubectlFailureKind.Forbidden when Has("can be resized") || Has("must support resize") =>
                ("the storage class of this claim lets no volume grow", "set kubernetes.logSizeGiB back, or start from empty logs with --fresh"),
            KubectlFailureKind.Forbidden => ("the account of the kubeconfig has not this right", "ask the cluster's administrator for it, in this namespace"),
            KubectlFailureKind.FieldConflict =>
                ("somebody else has changed these fields, by hand or with another tool", "undo that change, or remove the fields' other manager; nobody's change is overwritten"),
            KubectlFailureKind.StaleObject => ("somebody else changed the object at the same moment", "run again"),
            KubectlFailureKind.NodeUnreachable =>
                ("the API server does not reach the kubelet of the pod's node (port 10250): the node is down, or a firewall or tunnel is in between",
                    "see the node with kubectl get nodes and kubectl get pods -o wide; let the control plane reach port 10250 of the nodes"),
            KubectlFailureKind.Invalid when Has("denied the request") || Has("denied request: ") =>
                ("a policy of the cluster refuses it (an admission webhook or a ValidatingAdmissionPolicy)", "ask the cluster's administrator about the policy that is named above"),
            KubectlFailureKind.Invalid when Has("violates PodSecurity") =>
                ("the namespace's Pod Security level forbids such a pod", "use a namespace with a lower level, or an image that needs less"),
            KubectlFailureKind.Unavailable when Has("failed calling webhook") || Has("conversion webhook for") =>
                ("a webhook of the cluster, which has to be asked, does not answer", "see whether the pods of the webhook that is named above run; nothing can be changed before they do"),
            KubectlFailureKind.Unavailable => ("the API server is overloaded or restarting", "run again in a moment"),
            _ => (null, null),
        };

        bool Has(string part) => text.Contains(part, StringComparison.Ordinal);
    }
}
