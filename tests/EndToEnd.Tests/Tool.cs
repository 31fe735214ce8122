using NUnit.Framework;

namespace Ambrosia.EndToEnd.Tests;

/// <summary>Programs that the tests themselves need.</summary>
internal static class Tool
{
    /// <summary>The path of a program; where it is missing the test is skipped, but fails where CI=true: there nothing may be left out.</summary>
    public static string Find(string name, string package)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists) is { } path)
            return path;
        var reason = $"{name} is missing: install the package {package}.";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            throw new InvalidOperationException(reason);
        throw new IgnoreException(reason);
    }
}
