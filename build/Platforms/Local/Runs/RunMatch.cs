using System.Globalization;
using Ambrosia.Build.Settings;

namespace Ambrosia.Build.Platforms.Local.Runs;

/// <summary>Whether a run of the past was made with the settings of now: to resume or judge it with others would mean nothing.</summary>
public static class RunMatch
{
    /// <summary>What differs, for a person; null when the run fits.</summary>
    public static string? Difference(RunRecord record, BuildSettings settings)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(settings);
        var then = record.Instances.Select(instance => instance.Name).ToArray();
        var now = settings.Instances.Select(instance => instance.Name).ToArray();
        if (!then.SequenceEqual(now))
            return $"its instances are {string.Join(", ", then)}, and the configuration's are {string.Join(", ", now)}";
        var expected = settings.Verify.Kind == VerifyKind.PerformanceTest ? settings.Verify.ExpectedBytes : 0;
        return record.ExpectedBytes == expected
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"its work is {record.ExpectedBytes} bytes, and the configuration's is {expected}");
    }
}
