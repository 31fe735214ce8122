using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build;

/// <summary>Folds each task's lines into a group of its own, where the CI system has such groups.</summary>
public sealed class TaskLogGroups(IConsole console, ICakeEnvironment environment) : FrostingTaskLifetime
{
    public override void Setup(ICakeContext context, ITaskSetupContext info)
    {
        if (IsOn("GITHUB_ACTIONS"))
            console.WriteLine("::group::{0}", info.Task.Name);
        else if (IsOn("TF_BUILD"))
            console.WriteLine("##[group]{0}", info.Task.Name);
    }

    public override void Teardown(ICakeContext context, ITaskTeardownContext info)
    {
        if (IsOn("GITHUB_ACTIONS"))
            console.WriteLine("::endgroup::");
        else if (IsOn("TF_BUILD"))
            console.WriteLine("##[endgroup]");
    }

    private bool IsOn(string variable) =>
        string.Equals(environment.GetEnvironmentVariable(variable), "true", StringComparison.OrdinalIgnoreCase);
}
