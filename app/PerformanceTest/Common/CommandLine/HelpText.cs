namespace Ambrosia.PerformanceTest.CommandLine;

/// <summary>The text that <c>--help</c> prints.</summary>
public static class HelpText
{
    public static string Of(string program, string summary, IReadOnlyList<CommandOption> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var lines = options.Select(option => (Spelling: $"  -{option.Short}, --{option.Long}{(option.ValueName is null ? "" : $"={option.ValueName}")}", option)).ToList();
        var width = lines.Max(line => line.Spelling.Length) + 2;
        var help = lines.Select(line => line.Spelling.PadRight(width) + line.option.Description + (line.option.IsRequired ? " (required)" : ""));
        return string.Join('\n', [$"{program}: {summary}", "", .. help]);
    }
}
