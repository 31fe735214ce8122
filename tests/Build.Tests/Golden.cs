using NUnit.Framework;

namespace Ambrosia.Build.Tests;

/// <summary>Compares output with a checked-in file; the variable UPDATE_GOLDEN writes the files anew.</summary>
internal static class Golden
{
    private static readonly string Root = Path.Combine(BuildPaths.Find(AppContext.BaseDirectory).Root, "tests", "Build.Tests");

    /// <param name="path">Below tests/Build.Tests.</param>
    public static void Verify(string path, string actual)
    {
        var file = Path.Combine(Root, path);
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is { Length: > 0 })
            File.WriteAllText(file, actual);
        Assert.That(actual, Is.EqualTo(File.ReadAllText(file).ReplaceLineEndings("\n")), path);
    }
}
