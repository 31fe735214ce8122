using System.Globalization;

namespace Ambrosia.Build.Reporting;

/// <summary>Numbers as people read them; always with a point, whatever the user's language.</summary>
public static class Figures
{
    public const long Mebibyte = 1L << 20;

    public const long Gibibyte = 1L << 30;

    public static string MiB(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)Mebibyte:0} MiB");

    public static string Rate(double bytesPerSecond) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytesPerSecond / Mebibyte:0.0} MiB/s");

    public static string GibPerSecond(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    public static string Percent(long part, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{(whole == 0 ? 0 : Math.Floor(100.0 * part / whole)):0} %");

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    public static string Clock(TimeSpan time) =>
        time.TotalHours >= 1 ? time.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) : time.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
