using Ambrosia.Build.Cli.Docker;
using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

/// <summary>Docker's words as docker 20.10 and 28 have written them.</summary>
public sealed class DockerFailureTests
{
    private static IEnumerable<TestCaseData> Failures =>
    [
        new(ErrorCode.ImageBuildFailed, "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
            ErrorCode.DockerUnavailable, "the Docker engine is not running"),
        new(ErrorCode.DockerUnavailable, "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
            ErrorCode.DockerUnavailable, "this user may not talk to the Docker engine"),
        new(ErrorCode.RegistryLoginFailed, "Error response from daemon: login attempt to http://127.0.0.1:5000/v2/ failed with status: 401 Unauthorized",
            ErrorCode.RegistryLoginFailed, "does not accept this name and password"),
        new(ErrorCode.PushFailed, "no basic auth credentials", ErrorCode.RegistryLoginFailed, "does not accept this name and password"),
        new(ErrorCode.ImageBuildFailed, "Head \"http://127.0.0.1:5000/v2/base/manifests/1\": no basic auth credentials",
            ErrorCode.ImageBuildFailed, "the base image's registry wants a login"),
        new(ErrorCode.RegistryLoginFailed, "Error response from daemon: Get \"http://127.0.0.1:5000/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused",
            ErrorCode.PushFailed, "nothing listens at the registry's address"),
        new(ErrorCode.ImageBuildFailed, "dial tcp: lookup mcr.microsoft.com on 10.0.0.1:53: no such host", ErrorCode.ImageBuildFailed, "no such server name"),
        new(ErrorCode.ImageBuildFailed, "write /var/lib/docker/tmp/x: no space left on device", ErrorCode.ImageBuildFailed, "a disk is full"),
        new(ErrorCode.ImageBuildFailed, "image with reference x was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64",
            ErrorCode.ImageBuildFailed, "for another processor"),
        new(ErrorCode.ImageBuildFailed, "failed to get destination image \"sha256:4d\": image with reference sha256:4d was found but does not match the specified platform",
            ErrorCode.ImageBuildFailed, "legacy builder cannot build for another processor"),
        new(ErrorCode.ImageBuildFailed, "COPY failed: file not found in build context", ErrorCode.ImageBuildFailed, "copies what is not in the build context"),
        new(ErrorCode.PushFailed, "http: server gave HTTP response to HTTPS client", ErrorCode.PushFailed, "speaks plain HTTP"),
        new(ErrorCode.PushFailed, "received unexpected HTTP status: 500 Internal Server Error", ErrorCode.PushFailed, "its disk may be full"),
        new(ErrorCode.PushFailed, "x509: certificate signed by unknown authority", ErrorCode.PushFailed, "certificate is not trusted"),
    ];

    [TestCaseSource(nameof(Failures))]
    public void Each_failure_gets_its_likely_cause(ErrorCode otherwise, string output, ErrorCode code, string cause)
    {
        var error = DockerFailure.Explain("docker", otherwise, output);

        Assert.That(error.Code, Is.EqualTo(code));
        Assert.That(error.Message, Does.Contain(output).And.Contain(cause).And.Contain("fix:"));
    }

    [Test]
    public void What_is_not_known_is_shown_as_docker_said_it() =>
        Assert.That(
            DockerFailure.Explain("docker build", ErrorCode.ImageBuildFailed, "a new thing\n").Message,
            Is.EqualTo("AMB4002: docker build failed.\n  output: a new thing"));
}
