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
    [TestCase("Error from server: error dialing backend: dial tcp 10.0.3.123:10250: i/o timeout", KubectlFailureKind.NodeUnreachable)]
    [TestCase("Error from server: error dialing backend: remote error: tls: internal error", KubectlFailureKind.NodeUnreachable)]
    [TestCase("Error from server: error dialing backend: No agent available", KubectlFailureKind.NodeUnreachable)]
    [TestCase(
        "error: Internal error occurred: error sending request: Post \"https://172.23.0.4:10250/exec/ns/pod-0/c?command=bash\": tls: failed to verify certificate: "
        + "x509: certificate is valid for 127.0.0.1, 172.23.0.3, not 172.23.0.4",
        KubectlFailureKind.NodeUnreachable)]
    [TestCase(
        "Error from server: Get \"https://192.168.1.109:10250/containerLogs/default/web-0/web?follow=true\": dial tcp 192.168.1.109:10250: i/o timeout",
        KubectlFailureKind.NodeUnreachable)]
    [TestCase(
        "Error from server (InternalError): Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: "
        + "Post \"https://w.ns.svc:443/mutate?timeout=10s\": dial tcp 10.96.1.2:443: connect: connection refused",
        KubectlFailureKind.Unavailable)]
    [TestCase(
        "Error from server (InternalError): Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: "
        + "Post \"https://w.ns.svc:443/mutate?timeout=10s\": x509: certificate signed by unknown authority",
        KubectlFailureKind.Unavailable)]
    [TestCase(
        "Error from server: conversion webhook for example.com/v1, Kind=Thing failed: Post \"https://w.ns.svc:443/convert?timeout=30s\": no endpoints available for service \"w\"",
        KubectlFailureKind.Unavailable)]
    [TestCase(
        "Error from server: rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing dial tcp 127.0.0.1:2379: connect: connection refused\"",
        KubectlFailureKind.Unavailable)]
    [TestCase("Error from server (Timeout): Timeout: request did not complete within requested timeout - context deadline exceeded", KubectlFailureKind.Unavailable)]
    [TestCase(
        "Error from server (Forbidden): error when creating \"STDIN\": admission webhook \"validation.gatekeeper.sh\" denied the request: [limits] no memory limit",
        KubectlFailureKind.Invalid)]
    [TestCase(
        "The statefulsets \"web\" is invalid: : ValidatingAdmissionPolicy 'p.example.com' with binding 'b.example.com' denied request: no limits",
        KubectlFailureKind.Invalid)]
    [TestCase("Error from server (Forbidden): pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": runAsNonRoot != true", KubectlFailureKind.Invalid)]
    [TestCase(
        "E1124 21:00:00.000000 1 memcache.go:287] \"Unhandled Error\" err=\"couldn't get resource list for metrics.k8s.io/v1beta1: dial tcp 10.0.0.1:443: i/o timeout\"\n"
        + "Error from server (NotFound): pods \"nope\" not found",
        KubectlFailureKind.NotFound)]
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

    [TestCase("error dialing backend: dial tcp 10.0.3.123:10250: i/o timeout", "the kubelet of the pod's node (port 10250)", "port 10250")]
    [TestCase("(InternalError): Internal error occurred: failed calling webhook \"w\": dial tcp 10.96.1.2:443: x509: unknown", "a webhook of the cluster", "pods of the webhook")]
    [TestCase("(Forbidden): admission webhook \"w\" denied the request: no", "a policy of the cluster refuses it", "administrator about the policy")]
    [TestCase("(Forbidden): pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\"", "Pod Security level", "lower level")]
    public void What_the_server_says_of_others_is_not_taken_for_our_own_way_to_it_or_our_rights(string error, string cause, string remedy)
    {
        var failure = KubectlFailure.Of($"Error from server: {error}\n");
        Assert.Multiple(() =>
        {
            Assert.That(failure.Code, Is.EqualTo(ErrorCode.ClusterRequestFailed));
            Assert.That(failure.Cause, Does.Contain(cause));
            Assert.That(failure.Remedy, Does.Match(remedy));
        });
    }

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
