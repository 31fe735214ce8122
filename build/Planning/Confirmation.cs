using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;
using Cake.Core;
using Spectre.Console;

namespace Ambrosia.Build.Planning;

/// <inheritdoc cref="IConfirmation"/>
/// <param name="terminal">Made when it is asked on: a terminal is questioned about what it can do.</param>
public sealed class Confirmation(ICakeArguments arguments, TerminalCapabilities capabilities, Lazy<IAnsiConsole> terminal) : IConfirmation
{
    public const string Yes = "yes";

    public async Task RequireAsync(string question, CancellationToken cancellation)
    {
        if (arguments.HasArgument(Yes))
            return;
        if (!capabilities.CanAsk)
        {
            throw new BuildException(
                ErrorCode.ConfirmationMissing,
                "This would change something in a cloud or cluster, and there is no terminal to ask on; nothing was changed.",
                remedy: "look at the plan above, and run again with --yes");
        }

        if (!await terminal.Value.PromptAsync(new ConfirmationPrompt(question) { DefaultValue = false }, cancellation))
            throw new BuildException(ErrorCode.ConfirmationMissing, "The answer was no; nothing was changed.");
    }
}
