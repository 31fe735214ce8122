namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>What a person needs of MSBuild's output: its errors, each once. A pure function.</summary>
public static class CompilerOutput
{
    private const int MostErrors = 20;
    private const int MostOtherLines = 30;

    public static string Errors(string output)
    {
        ArgumentNullException.ThrowIfNull(output);
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var errors = lines.Where(line => line.Contains(": error ", StringComparison.Ordinal)).Distinct().ToList();
        if (errors.Count == 0)
            return string.Join('\n', lines.TakeLast(MostOtherLines));
        var more = errors.Count > MostErrors ? $"\n... and {errors.Count - MostErrors} more" : "";
        return string.Join('\n', errors.Take(MostErrors)) + more;
    }
}
