using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Errors;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Cli.Kubernetes;

/// <summary>The texts are those of real kubectl of several versions.</summary>
public sealed class KubectlFailureTests
{
    [TestCase("The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?", KubectlFailureKind.Unreachable)]
    [TestCase(
        "E1124 21:00:00.000000 1 memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list: Get \\\"http://127.0.0.1:1/api?timeout=32s\\\": "
        + "dial tcp 127.0.0.1:1: connect: connection refused\"\nThe connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
        KubectlFailureKind.Unreachable)]
    [TestCase(
        "error: error validating \"STDIN\": error validating data: failed to download openapi: Get \"http://127.0.0.1:1/openapi/v2?timeout=32s\": "
        + "dial tcp 127.0.0.1:1: connect: connection refused; if you choose to ignore these errors, turn validation off with --validate=false",
        KubectlFailureKind.Unreachable)]
    [TestCase("Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority", KubectlFailureKind.Unreachable)]
    [TestCase("Unable to connect to the server: net/http: request canceled (Client.Timeout exceeded while awaiting headers)", KubectlFailureKind.Unreachable)]
    [TestCase("Unable to connect to the server: dial tcp: lookup gone.invalid: no such host", KubectlFailureKind.Unreachable)]
    [TestCase("error: context \"nope\" does not exist", KubectlFailureKind.Unreachable)]
    [TestCase("error: You must be logged in to the server (Unauthorized)", KubectlFailureKind.Unauthorized)]
    [TestCase(
        "error: error validating \"STDIN\": error validating data: failed to download openapi: the server has asked for the client to provide credentials; if you choose to ignore",
        KubectlFailureKind.Unauthorized)]
    [TestCase("Please enter Username: error: EOF", KubectlFailureKind.Unauthorized)]
    [TestCase(
        "Error from server (Forbidden): pods is forbidden: User \"system:serviceaccount:ambrosia:norights\" cannot list resource \"pods\" in API group \"\" in the namespace \"ambrosia\"",
        KubectlFailureKind.Forbidden)]
    [TestCase("Error from server (NotFound): deployments.apps \"nope\" not found", KubectlFailureKind.NotFound)]
    [TestCase("Error from server (AlreadyExists): error when creating \"STDIN\": secrets \"x\" already exists", KubectlFailureKind.AlreadyExists)]
    [TestCase("error: Apply failed with 1 conflict: conflict with \"other\": .spec.replicas\nPlease review the fields above", KubectlFailureKind.FieldConflict)]
    [TestCase(
        "error: Operation cannot be fulfilled on secrets \"X\": the object has been modified; please apply your changes to the latest version and try again",
        KubectlFailureKind.StaleObject)]
    [TestCase("The Deployment \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0", KubectlFailureKind.Invalid)]
    [TestCase(
        "Error from server (ServiceUnavailable): the server is currently unable to handle the request (get deployments.apps web)", KubectlFailureKind.Unavailable)]
    [TestCase("error: timed out waiting for the condition", KubectlFailureKind.TimedOut)]
    [TestCase("error: something nobody has thought of", KubectlFailureKind.Other)]
    public void Failures_are_told_apart_by_their_text(string standardError, KubectlFailureKind kind) =>
        Assert.That(KubectlFailure.Of(standardError + "\n").Kind, Is.EqualTo(kind));

    [TestCase(KubectlFailureKind.Unreachable, "dial tcp", ErrorCode.ClusterUnreachable)]
    [TestCase(KubectlFailureKind.Unauthorized, "(Unauthorized)", ErrorCode.ClusterForbidden)]
    [TestCase(KubectlFailureKind.Forbidden, "(Forbidden)", ErrorCode.ClusterForbidden)]
    [TestCase(KubectlFailureKind.NotFound, "(NotFound)", ErrorCode.ClusterRequestFailed)]
    [TestCase(KubectlFailureKind.Other, "?", ErrorCode.ClusterRequestFailed)]
    public void Each_kind_has_its_code(KubectlFailureKind kind, string text, ErrorCode code)
    {
        var failure = KubectlFailure.Of(text);
        Assert.Multiple(() =>
        {
            Assert.That(failure.Kind, Is.EqualTo(kind));
            Assert.That(failure.Code, Is.EqualTo(code));
        });
    }

    [Test]
    public void A_certificate_that_has_run_out_is_called_so() =>
        Assert.That(
            KubectlFailure.Of("Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid").Cause,
            Does.Contain("has run out"));

    [Test]
    public void A_volume_that_cannot_grow_is_not_taken_for_missing_rights() => Assert.That(
        KubectlFailure.Of(
            "Error from server (Forbidden): persistentvolumeclaims \"X\" is forbidden: only dynamically provisioned pvc can be resized and the storageclass "
            + "that provisions the pvc must support resize").Remedy,
        Does.Contain("kubernetes.logSizeGiB"));

    [Test]
    public void A_namespace_that_is_going_away_is_not_taken_for_missing_rights() =>
        Assert.That(
            KubectlFailure.Of(
                "Error from server (Forbidden): secrets \"X\" is forbidden: unable to create new content in namespace N because it is being terminated").Cause,
            Does.Contain("being deleted"));
}
