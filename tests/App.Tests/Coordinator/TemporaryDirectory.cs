namespace Ambrosia.App.Tests.Coordinator;

/// <summary>A directory below the system's temporary one, gone with its test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ambrosia-coordinator-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Every file, by name, with its content: to see that nothing was changed.</summary>
    public Dictionary<string, string> Contents(params string[] except) => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
        .Where(file => !except.Contains(System.IO.Path.GetFileName(file)))
        .ToDictionary(file => System.IO.Path.GetRelativePath(Path, file), file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
