using NUnit.Framework;

namespace Ambrosia.Build.Tests;

/// <summary>Compares output with a checked-in file.</summary>
internal static class Golden
{
    /// <summary>Set to 1, the files are written instead of compared.</summary>
    private const string UpdateVariable = "UPDATE_GOLDEN";

    private static readonly string Root = Path.Combine(BuildPaths.Find(AppContext.BaseDirectory).Root, "tests", "Build.Tests");

    /// <param name="path">Below tests/Build.Tests.</param>
    public static void Verify(string path, string actual)
    {
        var file = Path.GetFullPath(Path.Combine(Root, path));
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(file, actual);
            Assert.Inconclusive($"{file} was written, nothing was compared.");
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(file).ReplaceLineEndings("\n")), $"{file}; write it anew with {UpdateVariable}=1");
    }
}
