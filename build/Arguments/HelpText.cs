using System.Text;

namespace Ambrosia.Build.Arguments;

/// <summary>The text of <c>--help</c> and the table of the README, from what is declared on the tasks.</summary>
public sealed class HelpText(TaskCatalogue catalogue)
{
    private const int Column = 16;

    private static readonly (string Line, string Meaning)[] Examples =
    [
        ("./build.sh", "builds the sample service, runs it and verifies it, on this machine"),
        ("./build.sh --target=Immortality --kills=6", "kills it six times meanwhile, and proves that nothing is lost"),
        ("./build.sh --config=mine.json", "does what mine.json says; AmbrosiaAKSConf.json.template shows what it can say"),
        ("./build.sh Verify --exclusive", "judges the last run again"),
        ("./build.sh Status", "says what runs; a bare word is a target"),
        ("./build.sh Plan --platform=aks", "says what a run on Azure would create and change, and what it costs"),
        ("./build.sh Deploy --dryrun", "only prints the tasks that would run"),
        ("./build.sh Clean --scope=all", "leaves nothing behind"),
    ];

    private static readonly (string Code, string Meaning)[] ExitCodes =
    [
        ("0", "done; of Plan: there is nothing to do"),
        ("1", "failed; the last lines on standard error say what, why and what to do, with a code (AMB1xxx configuration and arguments,"),
        (string.Empty, "2xxx tools, 3xxx Azure, 4xxx images, 5xxx instances and cluster, 6xxx verification, 9xxx the suite itself)"),
        ("2", "of Plan: there are changes to make"),
        ("130, 143", "cancelled by Ctrl-C, by SIGTERM"),
    ];

    private static readonly (string Name, string Meaning)[] Variables =
    [
        ("AMBROSIA_<SECTION>_<KEY>", "overrides a key of the configuration, such as AMBROSIA_AZURE_SUBSCRIPTION"),
        ("AMBROSIA_REGISTRY_PASSWORD", "the password of kubernetes.registryUser"),
        ("AMBROSIA_PULL_CLIENT_ID", "with AMBROSIA_PULL_CLIENT_SECRET: a service principal made beforehand, for azure.registry.auth servicePrincipal"),
        ("AMBROSIA_STORAGE_CONNECTION_STRING", "for runtime ambrosia on kubernetes: where Microsoft's runtime keeps its metadata"),
        ("CAKE_<SECTION>_<KEY>", "overrides a setting of cake.config"),
        ("CakeFrosting=official", "build.sh compiles against the official Cake.Frosting package"),
        ("NO_COLOR", "no colours"),
    ];

    public string Full()
    {
        var text = new StringBuilder("Takes an AMBROSIA service from source to running, verified instances.\n\n")
            .Append("Usage: ./build.sh [TARGET ...] [--ARGUMENT=VALUE ...]\n\nTargets:\n");
        foreach (var task in catalogue.Tasks)
            AppendTask(text, task);
        text.Append("\nArguments of every target:\n");
        foreach (var argument in KnownArguments.Suite)
            AppendArgument(text, argument, "  ");
        text.Append("\nSwitches:\n");
        foreach (var argument in KnownArguments.Cake)
            AppendSwitch(text, argument);
        AppendPairs(text, "Examples", Examples, 44);
        AppendPairs(text, "Exit codes", ExitCodes, 10);
        AppendPairs(text, "Environment variables", Variables, 36);
        return text.ToString();
    }

    /// <summary>A Markdown table: target, what it does, what it reads.</summary>
    public string Markdown()
    {
        var text = new StringBuilder("| target | what it does | arguments |\n|---|---|---|\n");
        foreach (var task in catalogue.Tasks)
        {
            var arguments = string.Join("<br>", task.Arguments.Select(argument => $"`{argument.Usage}` {Meaning(argument)}"));
            text.Append("| `").Append(task.Name).Append("` | ").Append(Cell(task.Description)).Append(" | ").Append(Cell(arguments)).Append(" |\n");
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    private static void AppendTask(StringBuilder text, TaskDefinition task)
    {
        text.Append("  ").Append(task.Name.PadRight(Column)).Append(' ').Append(task.Description).Append('\n');
        foreach (var argument in task.Arguments)
            AppendArgument(text, argument, new string(' ', Column + 5));
    }

    private static void AppendArgument(StringBuilder text, ArgumentDefinition argument, string indent) =>
        text.Append(indent).Append(argument.Usage.PadRight(32)).Append(' ').Append(Meaning(argument)).Append('\n');

    private static void AppendSwitch(StringBuilder text, ArgumentDefinition argument)
    {
        var letter = argument.Aliases.FirstOrDefault(alias => alias.Length == 1);
        var name = argument.Value is null ? $"--{argument.Name}" : $"--{argument.Name}={argument.Value}";
        text.Append("  ").Append(letter is null ? "    " : $"-{letter}, ").Append(name.PadRight(28)).Append(' ').Append(Meaning(argument)).Append('\n');
    }

    private static void AppendPairs(StringBuilder text, string title, IEnumerable<(string Left, string Right)> pairs, int width)
    {
        text.Append('\n').Append(title).Append(":\n");
        foreach (var (left, right) in pairs)
            text.Append("  ").Append(left.PadRight(width)).Append(' ').Append(right).Append('\n');
    }

    private static string Meaning(ArgumentDefinition argument) =>
        argument.Default is null ? argument.Description : $"{argument.Description} (default: {argument.Default})";
}
