using System.Text;
using System.Text.RegularExpressions;
using Ambrosia.Build.Errors;
using Ambrosia.Build.Oracle;
using Ambrosia.Build.Platforms.Local.Runs;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Oracle;

/// <summary>Reads what the instances of a run have printed, through all their lives.</summary>
public static class RunOutput
{
    private const int TailLines = 20;

    public static WorkProgress Fold(RunDirectory directory, BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(settings);
        var progress = WorkProgress.None;
        foreach (var line in Lines(directory, settings.Instances[0].Name).Select(LogLine.Parse).OfType<LogLine>())
            progress = progress.WithServerLine(line);
        foreach (var line in Lines(directory, settings.Instances[^1].Name).Select(LogLine.Parse).OfType<LogLine>())
            progress = progress.WithJobLine(line);
        return progress;
    }

    /// <exception cref="BuildException">AMB6001 when no instance printed a line that matches.</exception>
    public static string RequirePattern(RunDirectory directory, BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var pattern = new Regex(settings.Verify.Pattern ?? "", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        foreach (var instance in settings.Instances)
        {
            if (Lines(directory, instance.Name).FirstOrDefault(line => pattern.IsMatch(line)) is { } line)
                return $"{instance.Name} printed: {line}";
        }

        throw new BuildException(
            ErrorCode.VerificationFailed,
            $"No instance printed a line that matches {pattern} (verify.pattern).",
            toolOutput: LastLines(directory, settings));
    }

    public static string LastLines(RunDirectory directory, BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(directory);
        ArgumentNullException.ThrowIfNull(settings);
        var text = new StringBuilder();
        foreach (var name in settings.Instances.Select(instance => instance.Name))
        {
            text.Append("--- ").Append(name).Append(", last lines of ").AppendLine(directory.Output(name));
            foreach (var line in Lines(directory, name).TakeLast(TailLines))
                text.AppendLine(line);
        }

        return text.ToString();
    }

    private static IEnumerable<string> Lines(RunDirectory directory, string instance)
    {
        var path = directory.Output(instance);
        if (!File.Exists(path))
            yield break;
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}
