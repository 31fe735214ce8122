namespace Ambrosia.Build.Arguments;

/// <summary>A command line that was checked: what the host is given, in the one spelling that every host reads the same way.</summary>
/// <param name="Targets">The targets by their own names; <see cref="TaskCatalogue.DefaultTarget"/> where none was given.</param>
public sealed record CommandLine(IReadOnlyList<string> Targets, IReadOnlyList<string> HostArguments)
{
    private const string HelpArgument = "--target=Help";

    private const string MarkdownArgument = "--format=markdown";

    /// <summary>Where nothing but help is asked for, it is printed without the host's banners and report around it.</summary>
    public static CommandLine OnlyHelp { get; } = new(["Help"], [HelpArgument]);

    /// <summary>Its answer is for a program, which reads standard output: nothing else may stand there.</summary>
    public bool AnswersAProgram => HostArguments.Contains("--format=json");

    /// <summary>The names of the tasks that a run reaches.</summary>
    public IEnumerable<string> TasksToRun(TaskCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        return HostArguments.Contains("--exclusive") ? Targets : catalogue.Closure(Targets).Select(task => task.Name);
    }

    /// <summary>The text to print instead of a run; null where there is something to run.</summary>
    public string? Answer(HelpText help)
    {
        ArgumentNullException.ThrowIfNull(help);
        return HostArguments switch
        {
            [HelpArgument] or [HelpArgument, "--format=text"] => help.Full(),
            [HelpArgument, MarkdownArgument] => help.Markdown(),
            _ => null,
        };
    }

    /// <param name="directory">The directory in which it was typed: relative paths are taken from there.</param>
    /// <exception cref="Errors.BuildException">AMB1001 to AMB1003: it names something that is not there, or gives a wrong value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> args, TaskCatalogue catalogue, string directory) =>
        new CommandLineParser(catalogue, directory).Parse(args);
}
