using Ambrosia.Testing.Docker;

namespace Ambrosia.Images.Tests;

/// <summary>A file system of a few megabytes, to be full for real.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int BlockSize = 1 << 20;

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static async Task<SmallDisk> MountAsync(string path, int megabytes, CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        await Command.RunAsync(
            "mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", path], new Dictionary<string, string?>(), cancellation);
        return new SmallDisk(path);
    }

    /// <summary>Leaves less than a megabyte, until what it returns is disposed of.</summary>
    public IDisposable Fill()
    {
        var ballast = new Ballast(System.IO.Path.Combine(Path, "ballast"));
        using var file = File.Create(ballast.Path);
        var block = new byte[BlockSize];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            return ballast;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Command.RunAsync("umount", [Path], new Dictionary<string, string?>(), CancellationToken.None);
    }

    private sealed record Ballast(string Path) : IDisposable
    {
        public void Dispose() => File.Delete(Path);
    }
}
