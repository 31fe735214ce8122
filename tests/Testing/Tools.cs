using NUnit.Framework;

namespace Ambrosia.Testing;

/// <summary>Programs that tests run for real.</summary>
public static class Tools
{
    /// <summary>The absolute path of a program on PATH. Where it is missing the test is skipped with the reason, but fails where CI=true.</summary>
    /// <param name="remedy">What a person does about it: "install the package procps".</param>
    public static string Require(string name, string remedy) =>
        Find(name) ?? throw Missing($"{name} is missing: {remedy}.");

    /// <summary>The absolute path of a program on PATH; null where it is missing.</summary>
    public static string? Find(string name)
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The exception that ends a test which something is missing for: skipped on a person's machine, failed in CI.</summary>
    public static Exception Missing(string reason) =>
        Environment.GetEnvironmentVariable("CI") == "true" ? new InvalidOperationException(reason) : new IgnoreException(reason);
}
