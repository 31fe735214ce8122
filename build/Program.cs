using Ambrosia.Build;
using Ambrosia.Build.Arguments;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Reporting;
using Cake.Frosting;

var announcements = new Announcements(Console.Error);
using var shutdown = new SignalShutdown(announcements);
var removal = new DeferredRemoval();
var closing = new ClosingLines();
var status = new ExitStatus();
var exitCode = FailureOutput.Guard(Console.Error, () =>
{
    var catalogue = TaskCatalogue.Of(typeof(BuildContext).Assembly);
    var commandLine = CommandLine.Parse(args, catalogue, Environment.CurrentDirectory);
    if (commandLine.Answer(new HelpText(catalogue)) is { } answer)
        return FailureOutput.Answer(Console.Out, answer);
    var paths = BuildPaths.Find(AppContext.BaseDirectory);
    return new CakeHost()
        .UseContext<BuildContext>()
        .UseTaskLifetime<TaskLogGroups>()
        .UseWorkingDirectory(paths.Root)
        .ConfigureServices(services => services.AddSuite(paths, catalogue, commandLine, shutdown, removal, closing, announcements, status))
        .Run(commandLine.HostArguments);
});
closing.Print(Console.Out);
var removalCode = FailureOutput.Guard(Console.Error, removal.RemoveNow);
return shutdown.ExitCode ?? (exitCode != 0 ? exitCode : Math.Max(status.Code, removalCode));
