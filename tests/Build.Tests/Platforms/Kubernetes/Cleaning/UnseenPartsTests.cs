using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Kubernetes.Cleaning;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Platforms.Kubernetes.Cleaning;

public sealed class UnseenPartsTests
{
    [TestCase(
        "error: unable to retrieve the complete list of server APIs: metrics.k8s.io/v1beta1: the server is currently unable to handle the request",
        new[] { "metrics.k8s.io/v1beta1" })]
    [TestCase(
        "error: unable to retrieve the complete list of server APIs: custom.metrics.k8s.io/v1beta1: stale GroupVersion discovery: custom.metrics.k8s.io/v1beta1, "
        + "external.metrics.k8s.io/v1: the server is currently unable to handle the request",
        new[] { "custom.metrics.k8s.io/v1beta1", "external.metrics.k8s.io/v1" })]
    [TestCase("error: something else", new string[0])]
    public void APIs_that_do_not_answer_are_named(string error, string[] names) => Assert.That(UnseenParts.SilentApis(error), Is.EqualTo(names));

    [Test]
    public void What_was_seen_whole_has_no_unseen_part() => Assert.That(UnseenParts.Of(new KubectlResult(0, "", "", null)), Is.Null);

    [TestCase("error: unable to retrieve the complete list of server APIs: a.b/v1: no", "API a.b/v1 does not answer")]
    [TestCase("Error from server (Forbidden): leases is forbidden", "this account may not")]
    [TestCase("Error from server: conversion webhook for x failed", "not everything in it could be looked at")]
    public void The_reason_is_said(string error, string reason) =>
        Assert.That(UnseenParts.Of(new KubectlResult(1, "", error, KubectlFailure.Of(error))), Does.Contain(reason));
}
