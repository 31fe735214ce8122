using Ambrosia.Build.Arguments;
using Cake.Common;
using Cake.Core;
using Cake.Frosting;

namespace Ambrosia.Build.Tasks;

[TaskDescription("Prints the targets, their arguments and examples")]
[TaskArgument("format", "as text, or the README's table", Allowed = ["text", "markdown"], Default = "text")]
public sealed class Help(HelpText help, IConsole console) : FrostingTask<BuildContext>
{
    public override void Run(BuildContext context) =>
        console.Write("{0}", context.Argument("format", "text") == "markdown" ? help.Markdown() : help.Full());
}
