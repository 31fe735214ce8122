using Ambrosia.Build.Errors;

namespace Ambrosia.Build.Cli.Docker;

/// <summary>From docker's own words to the likely cause and what to do. A pure function.</summary>
public static class DockerFailure
{
    private sealed record Symptom(ErrorCode? Code, string Cause, string Remedy, params string[] Words);

    private static readonly string[] FullDisk = ["no space left on device", "disk quota exceeded"];

    // The first that matches counts: a full disk is also told as a failed write to a layer, a refused login as "denied".
    private static readonly Symptom[] Symptoms =
    [
        new(ErrorCode.DockerUnavailable, "this user may not talk to the Docker engine",
            "add the user to the group docker (https://docs.docker.com/engine/install/linux-postinstall/), or run as one who may",
            "permission denied while trying to connect"),
        new(ErrorCode.DockerUnavailable, "the Docker engine is not running, or DOCKER_HOST names another one",
            "start Docker, and check with: docker version",
            "cannot connect to the docker daemon", "error during connect", "is the docker daemon running"),
        new(null, "a disk is full: the engine's, or the registry's",
            "free space on the Docker engine with docker system prune, or on the registry, and run again",
            FullDisk),
        new(null, "docker's legacy builder cannot build for another processor than its own: it forgets the platform after the first step",
            "let BuildKit build: install docker's plug-in buildx (https://docs.docker.com/go/buildx/), or set DOCKER_BUILDKIT=1 where docker has it",
            "failed to get destination image"),
        new(null, "the image is for another processor than images.platform, or this machine cannot run that processor's programs",
            "set images.platform to the platform of the cluster's nodes, or give a base image for it in images.base",
            "does not match the specified platform", "no match for platform in manifest", "exec format error", "does not provide the specified platform"),
        new(null, "there is no such server name",
            "check the registry's name; in a closed network name a mirror in images.base",
            "no such host", "server misbehaving", "temporary failure in name resolution"),
        new(null, "nothing listens at the registry's address",
            "start the registry, or check its name and port",
            "connection refused"),
        new(null, "the registry does not answer",
            "check the network, a proxy and a firewall between here and the registry",
            "i/o timeout", "client.timeout exceeded", "context deadline exceeded", "tls handshake timeout", "network is unreachable", "no route to host"),
        new(null, "the registry speaks plain HTTP, which docker allows for this machine's own registries alone",
            "give the registry a certificate, or list it in the engine's insecure-registries",
            "server gave http response to https client"),
        new(null, "the registry's certificate is not trusted by the Docker engine",
            "install the certificate authority for docker (https://docs.docker.com/engine/security/certificates/)",
            "x509:", "certificate signed by unknown authority"),
        new(null, "the registry itself failed; its disk may be full",
            "look at the registry's own log and disk, and run again",
            "500 internal server error", "502 bad gateway", "503 service unavailable", "504 gateway timeout"),
        new(null, "the registry refuses for now because of too many requests",
            "log in with docker login, or wait, or name a mirror in images.base",
            "toomanyrequests", "too many requests"),
        new(ErrorCode.ImageBuildFailed, "the base image's registry wants a login",
            "log in there with docker login, and run again",
            "no basic auth credentials", "unauthorized", "authentication required"),
        new(ErrorCode.ImageBuildFailed, "the base image does not exist, or cannot be pulled from here",
            "check the FROM line or images.base; in a closed network name a mirror there",
            "manifest unknown", "pull access denied", "failed to resolve source metadata", "failed to create llb definition", "repository does not exist", "manifest for"),
        new(ErrorCode.ImageNotFound, "this machine's docker does not have the image and may not pull it, or there is none of that name",
            "check its name; where its registry wants a login, log in there with docker login, and run again",
            "no basic auth credentials", "unauthorized", "authentication required", "denied", "manifest unknown", "repository does not exist", "not found"),
        new(ErrorCode.ImageBuildFailed, "the Dockerfile copies what is not in the build context",
            "check images.context, the Dockerfile and .dockerignore",
            "copy failed", "failed to compute cache key", "failed to calculate checksum", "no source files were specified"),
        new(ErrorCode.RegistryLoginFailed, "the registry does not accept this name and password, or they may not write here",
            "check kubernetes.registryUser and AMBROSIA_REGISTRY_PASSWORD (on aks: the rights of the account that az is logged in with)",
            "unauthorized", "incorrect username or password", "authentication required", "denied", "no basic auth credentials"),
    ];

    /// <param name="otherwise">The code where the words tell nothing better.</param>
    public static BuildException Explain(string what, ErrorCode otherwise, string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var symptom = Symptoms.FirstOrDefault(each => IsOf(each, otherwise) && each.Words.Any(word => output.Contains(word, StringComparison.OrdinalIgnoreCase)));
        var code = symptom?.Code ?? (symptom is not null && otherwise == ErrorCode.RegistryLoginFailed ? ErrorCode.PushFailed : otherwise);
        return new BuildException(code, $"{what} failed.", symptom?.Cause, symptom?.Remedy, OutputTail.Of(output));
    }

    /// <summary>A failure of <c>docker save</c>: the disk that is full may be this machine's own, which docker's words tell by the file's path.</summary>
    public static BuildException ExplainSave(string reference, string file, string output)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(output);
        var what = $"docker save {reference}";
        var directory = Path.GetDirectoryName(file)!;
        return FullDisk.Any(word => output.Contains(word, StringComparison.OrdinalIgnoreCase)) && output.Contains(directory, StringComparison.Ordinal)
            ? new BuildException(
                ErrorCode.PushFailed, $"{what} failed.", $"the disk with {directory} is full",
                "free space there: the image is written to it, and removed again (XDG_STATE_HOME names another place)", OutputTail.Of(output))
            : Explain(what, ErrorCode.DockerUnavailable, output);
    }

    /// <summary>A push has no base image, a run builds nothing, and a build has no right to write that a password gives.</summary>
    private static bool IsOf(Symptom symptom, ErrorCode otherwise) => symptom.Code switch
    {
        ErrorCode.ImageBuildFailed or ErrorCode.ImageNotFound => otherwise == symptom.Code,
        ErrorCode.RegistryLoginFailed => otherwise is ErrorCode.RegistryLoginFailed or ErrorCode.PushFailed,
        _ => true,
    };
}
