using System.Globalization;

namespace Ambrosia.PerformanceTest.CommandLine;

/// <summary>
/// Reads options as AMBROSIA's own tools do: one dash or two, and <c>-sp=50001</c> or <c>--sp 50001</c>, so that command lines written
/// for them work here.
/// </summary>
public sealed class CommandLineParser
{
    private readonly IReadOnlyList<CommandOption> _options;
    private readonly Dictionary<CommandOption, string> _values = [];

    private CommandLineParser(IReadOnlyList<CommandOption> options) => _options = options;

    /// <exception cref="UsageException">An argument is unknown or lacks its value.</exception>
    public static CommandLineParser Parse(IReadOnlyList<CommandOption> options, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(arguments);
        var parser = new CommandLineParser(options);
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = Split(arguments[i]);
            var option = parser.Find(name, arguments[i]);
            if (option.ValueName is null)
            {
                if (value is not null) throw new UsageException($"--{option.Long} takes no value, but got '{value}'");
                parser._values[option] = "";
            }
            else
            {
                parser._values[option] = value ?? (++i < arguments.Count ? arguments[i] : throw new UsageException($"--{option.Long} lacks its value: --{option.Long}={option.ValueName}"));
            }
        }

        return parser;
    }

    public bool Has(CommandOption option) => _values.ContainsKey(option);

    /// <exception cref="UsageException">A required option is missing.</exception>
    public void RequireAll()
    {
        var missing = _options.Where(option => option.IsRequired && !Has(option)).Select(option => $"--{option.Long}={option.ValueName}").ToList();
        if (missing.Count > 0) throw new UsageException($"missing: {string.Join(", ", missing)}");
    }

    public string GetText(CommandOption option, string fallback = "") => _values.GetValueOrDefault(option, fallback);

    /// <exception cref="UsageException">The value is no number, or out of range.</exception>
    public long GetNumber(CommandOption option, long minimum, long maximum, long fallback)
    {
        if (!_values.TryGetValue(option, out var text)) return fallback;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum) return number;
        throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--{option.Long} is '{text}', but must be a number from {minimum} to {maximum}"));
    }

    private static (string Name, string? Value) Split(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-') throw new UsageException($"'{argument}' is no option; options begin with a dash");
        var name = argument.AsSpan(argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1);
        var equals = name.IndexOf('=');
        return equals < 0 ? (name.ToString(), null) : (name[..equals].ToString(), name[(equals + 1)..].ToString());
    }

    private CommandOption Find(string name, string argument)
    {
        foreach (var option in _options)
        {
            if (option.IsNamed(name)) return option;
        }

        var nearest = _options.SelectMany(option => new[] { option.Short, option.Long }).MinBy(known => Spelling.Distance(name, known));
        throw new UsageException($"unknown option '{argument}'; the nearest known one is '--{nearest}'");
    }
}
