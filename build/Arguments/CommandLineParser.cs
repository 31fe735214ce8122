using System.Globalization;

namespace Ambrosia.Build.Arguments;

/// <summary>
/// Reads the command line before the host does, because the host takes every option that it does not know for an argument
/// (<c>--scop=all</c> would be ignored in silence) and lets a flag swallow the word behind it.
/// </summary>
internal sealed class CommandLineParser(TaskCatalogue catalogue, string directory)
{
    private static readonly string[] Shows = ["tree", "description", "version", "info"];

    private readonly List<string> _targets = [];
    private readonly List<(ArgumentDefinition Definition, string Value)> _given = [];

    private readonly IReadOnlyList<ArgumentDefinition> _known =
    [
        .. KnownArguments.Suite,
        .. KnownArguments.Cake,
        .. catalogue.Tasks.SelectMany(task => task.Arguments).DistinctBy(argument => argument.Name, StringComparer.OrdinalIgnoreCase),
    ];

    public CommandLine Parse(IReadOnlyList<string> args)
    {
        if (args.Any(arg => arg is "--help" or "--help=true" or "-h" or "-?"))
            return CommandLine.OnlyHelp;
        var words = new Queue<string>(args);
        while (words.TryDequeue(out var word))
            Read(word, words);
        if (_targets.Count == 0)
            _targets.Add(TaskCatalogue.DefaultTarget);
        CheckThatTargetsGoTogether();
        var tasks = TasksToRun();
        CheckThatTargetsReadTheirArguments(tasks);
        var given = _given.Select(argument => Resolve(argument, tasks)).ToList();
        return new CommandLine(_targets, [.. _targets.Select(target => $"--target={target}"), .. given.Select(Spell)]);
    }

    private void Read(string word, Queue<string> rest)
    {
        if (!word.StartsWith('-'))
        {
            AddBareWord(word);
            return;
        }

        var end = word.IndexOfAny(['=', ':']);
        var name = (end < 0 ? word : word[..end]).TrimStart('-');
        var value = end < 0 ? null : word[(end + 1)..];
        var definition = Find(word, name);
        if (definition.Value is null)
            AddFlag(definition, value);
        else
            AddValue(definition, value ?? Next(rest, definition));
    }

    private ArgumentDefinition Find(string word, string name)
    {
        var found = _known.FirstOrDefault(argument => argument.IsCalled(name));
        var dashes = name.Length == 1 ? 1 : 2;
        if (found is not null && word.StartsWith(new string('-', dashes), StringComparison.Ordinal) && word.Length > dashes && word[dashes] != '-')
            return found;
        var nearest = found?.Name ?? NearestName.Of(name, _known.SelectMany(argument => argument.Aliases.Append(argument.Name).Where(n => n.Length > 1)));
        throw Refusals.UnknownArgument(word, nearest, _known);
    }

    private static string Next(Queue<string> rest, ArgumentDefinition definition) =>
        rest.TryPeek(out var next) && !next.StartsWith('-') ? rest.Dequeue() : throw Refusals.MissingValue(definition);

    private void AddFlag(ArgumentDefinition definition, string? value)
    {
        if (!bool.TryParse(value ?? "true", out var on))
            throw Refusals.InvalidValue(definition, value!, "it is a switch and takes no value");
        if (on)
            _given.Add((definition, "true"));
    }

    private void AddValue(ArgumentDefinition definition, string value)
    {
        if (value.Length == 0)
            throw Refusals.MissingValue(definition);
        if (definition.Name == "target")
            _targets.Add((catalogue.Find(value) ?? throw Refusals.UnknownTarget(value, catalogue)).Name);
        else
            _given.Add((definition, value));
    }

    private string Checked(ArgumentDefinition definition, string value)
    {
        if (definition.Allowed.Count > 0)
        {
            return definition.Allowed.FirstOrDefault(allowed => string.Equals(allowed, value, StringComparison.OrdinalIgnoreCase))
                ?? throw Refusals.InvalidValue(definition, value, $"it can be {string.Join(", ", definition.Allowed)}");
        }

        if (definition.Value == ArgumentDefinition.Number
            && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= definition.Least && number <= definition.Most))
        {
            throw Refusals.InvalidValue(definition, value, $"it is a whole number from {definition.Least} to {definition.Most}");
        }

        if (definition.Value != ArgumentDefinition.Path)
            return value;
        var path = Path.GetFullPath(value, directory);
        if (definition.Name == KnownArguments.Working && !Directory.Exists(path))
            throw Refusals.InvalidValue(definition, value, $"there is no directory {path}");
        return path;
    }

    private void AddBareWord(string word) =>
        _targets.Add((catalogue.Find(word) ?? throw Refusals.UnknownWord(word, catalogue, _known)).Name);

    private void CheckThatTargetsGoTogether()
    {
        foreach (var task in _targets.Select(target => catalogue.Find(target)!).Where(task => task.Alone is not null))
        {
            var others = _targets.Where(target => target != task.Name).Distinct().ToList();
            if (others.Count > 0)
                throw Refusals.NotAlone(task, others);
        }
    }

    private IReadOnlyList<TaskDefinition> TasksToRun() =>
        _given.Any(given => given.Definition.Name == "exclusive")
            ? [.. _targets.Select(target => catalogue.Find(target)!)]
            : catalogue.Closure(_targets);

    /// <summary>Two tasks may each have an argument of one name, with other values allowed: that of the tasks that run is meant.</summary>
    private (ArgumentDefinition Definition, string Value) Resolve(
        (ArgumentDefinition Definition, string Value) given, IReadOnlyList<TaskDefinition> tasks)
    {
        var meant = tasks.SelectMany(task => task.Arguments).FirstOrDefault(argument => argument.IsCalled(given.Definition.Name)) ?? given.Definition;
        return meant.Value is null ? given : (meant, Checked(meant, given.Value));
    }

    private void CheckThatTargetsReadTheirArguments(IReadOnlyList<TaskDefinition> tasks)
    {
        if (_given.Any(given => Shows.Contains(given.Definition.Name)))
            return;
        foreach (var (definition, _) in _given)
        {
            if (!KnownArguments.Suite.Contains(definition) && !KnownArguments.Cake.Contains(definition)
                && !tasks.Any(task => task.Arguments.Any(argument => argument.IsCalled(definition.Name))))
                throw Refusals.UnreadArgument(definition, _targets, catalogue);
        }
    }

    /// <summary>Cake's switches stand alone; a flag of ours carries a value, because the host gives a bare one none.</summary>
    private static string Spell((ArgumentDefinition Definition, string Value) given) =>
        given.Definition.Value is null && KnownArguments.Cake.Contains(given.Definition)
            ? $"--{given.Definition.Name}"
            : $"--{given.Definition.Name}={given.Value}";
}
