using Ambrosia.Build.Cli;
using Ambrosia.Build.Cli.Kubernetes;
using Ambrosia.Build.Platforms.Contracts;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Kubernetes.Verifying;

/// <summary>Commands for a user to paste, complete: whatever the user's current context is. Pure.</summary>
internal static class UserCommands
{
    /// <summary>With which the deployment is seen.</summary>
    public static IEnumerable<string> Of(ClusterAccess access, BuildSettings settings, bool windows)
    {
        var job = settings.Instances[^1];
        var pod = Naming.Pod(job.Name);
        yield return "See it yourself:";
        yield return "  pods:     " + Line("get", "pods", "--selector", Naming.Selector(settings.ServiceName), "--output", "wide");
        yield return "  logs:     " + Line("logs", "--follow", pod);
        yield return "  shell:    " + Line("exec", "--stdin", "--tty", pod, "--", "bash");
        yield return "  kill it:  " + Line("exec", pod, "--", "bash", "-c", $"kill $(pidof {Program(job)})");

        string Line(params string[] command) => UserCommands.Line(access, windows, command);
    }

    /// <summary>For the shell of this machine.</summary>
    /// <param name="command">Of kubectl, without the options that every command gets.</param>
    public static string Line(ClusterAccess access, params IEnumerable<string> command) => Line(access, OperatingSystem.IsWindows(), command);

    private static string Line(ClusterAccess access, bool windows, IEnumerable<string> command) =>
        string.Join(' ', KubectlCli.Arguments(access, command).Prepend("kubectl").Select(word => ShellLine.Quote(word, windows)));

    /// <summary>The executable of an instance's app, as <c>pidof</c> knows it.</summary>
    public static string Program(InstanceSettings instance)
    {
        var path = instance.Command[0];
        return path[(path.LastIndexOf('/') + 1)..];
    }
}
