using Ambrosia.Build;

namespace Ambrosia.Images.Tests;

/// <summary>A copy of what an image is built from, so that tests may change it and neither see nor disturb the user's artifacts.</summary>
internal sealed class TestCheckout
{
    private static readonly string[] Outputs = ["bin", "obj"];

    public TestCheckout(string root)
    {
        var source = BuildPaths.Find(AppContext.BaseDirectory).Root;
        Paths = new BuildPaths(root);
        Copy(Path.Combine(source, "app"), Paths.App);
        foreach (var file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(root, Path.GetFileName(file)));
    }

    public BuildPaths Paths { get; }

    /// <summary>Changes a file until what it returns is disposed of.</summary>
    public IDisposable Change(string path, string old, string replacement)
    {
        var file = Path.Combine(Paths.Root, path);
        var text = File.ReadAllText(file);
        if (!text.Contains(old, StringComparison.Ordinal))
            throw new ArgumentException($"{path} does not contain {old}", nameof(old));
        File.WriteAllText(file, text.Replace(old, replacement, StringComparison.Ordinal));
        return new Original(file, text);
    }

    /// <summary>Another application's directory, below the root.</summary>
    public string AddContext(string name, params (string File, string Content)[] files)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Paths.Root, name)).FullName;
        foreach (var (file, content) in files)
            File.WriteAllText(Path.Combine(directory, file), content);
        return directory;
    }

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.EnumerateFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var directory in Directory.EnumerateDirectories(source))
        {
            var name = Path.GetFileName(directory);
            if (!Outputs.Contains(name))
                Copy(directory, Path.Combine(target, name));
        }
    }

    private sealed record Original(string File, string Text) : IDisposable
    {
        public void Dispose() => System.IO.File.WriteAllText(File, Text);
    }
}
