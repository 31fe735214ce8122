using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Ambrosia.Build.Tests.Settings;

/// <summary>Files of expected text. <c>UPDATE_GOLDEN=1</c> rewrites them; the difference is then read in git.</summary>
internal static class Golden
{
    /// <summary>Compares with a file given relative to this source file.</summary>
    public static void Verify(string file, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(caller)!, file));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.That(path, Does.Exist, "run with UPDATE_GOLDEN=1 to write it");
        Assert.That(actual, Is.EqualTo(File.ReadAllText(path).ReplaceLineEndings("\n")), $"differs from {path}; UPDATE_GOLDEN=1 rewrites it");
    }

    public static string Read(string file, [CallerFilePath] string caller = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(caller)!, file)).ReplaceLineEndings("\n");
}
