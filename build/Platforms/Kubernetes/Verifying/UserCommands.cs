using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>The commands with which a user sees the deployment, complete: whatever the user's current context is. Pure.</summary>
internal static class UserCommands
{
    public static IEnumerable<string> Of(ClusterAccess access, BuildSettings settings, bool windows)
    {
        var job = settings.Instances[^1];
        var pod = Naming.Pod(job.Name);
        yield return "See it yourself:";
        yield return "  pods:     " + Line("get", "pods", "--selector", Naming.Selector(settings.ServiceName), "--output", "wide");
        yield return "  logs:     " + Line("logs", "--follow", pod);
        yield return "  shell:    " + Line("exec", "--stdin", "--tty", pod, "--", "bash");
        yield return "  kill it:  " + Line("exec", pod, "--", "bash", "-c", $"kill $(pidof {Program(job)})");

        string Line(params string[] command) =>
            string.Join(' ', KubectlCli.Arguments(access, command).Prepend("kubectl").Select(word => ShellLine.Quote(word, windows)));
    }

    /// <summary>The executable of an instance's app, as <c>pidof</c> knows it.</summary>
    public static string Program(InstanceSettings instance)
    {
        var path = instance.Command[0];
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
