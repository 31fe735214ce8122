using Ambrosia.Build.Images;
using Ambrosia.Build.Tests.Platforms.Kubernetes;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Images;

public sealed class ConfiguredRegistryAccessTests
{
    [TestCase("registry.example/team", "me", null, ExpectedResult = "Error registry registry.example/team: There is no password for me at registry.example/team.\n"
        + "    fix: set the environment variable AMBROSIA_REGISTRY_PASSWORD, or remove kubernetes.registryUser to use docker's own logins")]
    [TestCase("registry.example/team", "me", "sentinel", ExpectedResult = "")]
    [TestCase("registry.example/team", null, null, ExpectedResult = "")]
    [TestCase(null, null, null, ExpectedResult = "")]
    public string A_password_that_each_login_would_miss_is_found_before(string? registry, string? user, string? password) => string.Join('\n',
        ConfiguredRegistryAccess.Diagnose(Specs.Settings.Kubernetes with { Registry = registry, RegistryUser = user, RegistryPassword = password })
            .Select(finding => $"{finding.Severity} {finding}"));
}
