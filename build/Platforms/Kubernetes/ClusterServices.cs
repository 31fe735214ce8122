using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Reporting;

namespace Ambrosia.Build.Platforms.Kubernetes;

/// <summary>What everything that looks at, follows or kills in a cluster needs of the world.</summary>
public sealed record ClusterServices(KubectlCli Kubectl, IProcessRunner Runner, IBuildConsole Console, ISecretMask Mask, TimeProvider Time);
