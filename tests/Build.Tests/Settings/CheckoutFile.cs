namespace Ambrosia.Build.Tests.Settings;

/// <summary>Files of the checkout as they are.</summary>
internal static class CheckoutFile
{
    public static string Read(string path) =>
        File.ReadAllText(Path.Combine(BuildPaths.Find(AppContext.BaseDirectory).Root, path)).ReplaceLineEndings("\n");
}
