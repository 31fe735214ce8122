using System.Globalization;

namespace Ambrosia.Emulators.Kubernetes;

/// <summary>Times as the API writes them.</summary>
internal static class Timestamps
{
    /// <summary>Whole seconds, as in creationTimestamp.</summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Microseconds, as in eventTime.</summary>
    public static string Micro(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>RFC 3339 with nanoseconds, as in a log with timestamps.</summary>
    public static string Nano(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
}
