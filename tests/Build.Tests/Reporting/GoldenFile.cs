using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Reporting;

/// <summary>Compares a text with the file of that name in the folder <c>Golden</c> beside the test.</summary>
internal static class GoldenFile
{
    /// <summary>Set to 1, the files are written instead of compared.</summary>
    private const string UpdateVariable = "UPDATE_GOLDEN";

    public static void Matches(string name, string actual, [CallerFilePath] string test = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(test)!, "Golden", name);
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, actual);
            Assert.Inconclusive($"{path} was written, nothing was compared.");
        }

        Assert.That(actual, Is.EqualTo(File.ReadAllText(path)), $"{path}; write it anew with {UpdateVariable}=1");
    }
}
