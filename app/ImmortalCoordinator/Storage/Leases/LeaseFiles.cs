using System.Globalization;
using System.Text.RegularExpressions;
using Ambrosia.Coordinator.Native;
using Microsoft.Win32.SafeHandles;

namespace Ambrosia.Coordinator.Storage.Leases;

/// <summary>
/// Claims as files <c>NUMBER.lease</c> of a directory. Exclusive creation is the one atomic operation that SMB (FILE_CREATE), NFS from
/// version 3 on (EXCLUSIVE) and local file systems all have: no hard links on Azure Files, no rename that refuses to replace on NFS, and
/// locks of either only as the mount options allow.
/// </summary>
internal sealed partial class LeaseFiles(string directory) : ILeaseShare
{
    private const int FileExists = 17;
    private const int FileExistsWindows = unchecked((int)0x80070050);
    private const int MaxClaim = 4096;
    private const FileShare Everyone = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Whether a lease was ever taken on a directory.</summary>
    public static bool AreIn(string directory) => Directory.EnumerateFiles(directory, "*.lease").Any(file => ClaimName().IsMatch(Path.GetFileName(file)));

    public ValueTask<IReadOnlyList<int>> ListAsync() => ValueTask.FromResult<IReadOnlyList<int>>(
        [.. Directory.EnumerateFiles(directory, "*.lease").Select(file => ClaimName().Match(Path.GetFileName(file))).Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))]);

    public ValueTask<bool> TryCreateAsync(int number, LeaseClaim claim)
    {
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(PathOf(number), FileMode.CreateNew, FileAccess.Write, Everyone);
        }
        catch (IOException error) when (error.HResult is FileExists or FileExistsWindows)
        {
            return ValueTask.FromResult(false);
        }

        using (file)
            Describe(file, claim);
        return ValueTask.FromResult(true);
    }

    public ValueTask DescribeAsync(int number, LeaseClaim claim)
    {
        using var file = File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.Write, Everyone);
        Describe(file, claim);
        return ValueTask.CompletedTask;
    }

    public ValueTask<LeaseClaim?> ReadAsync(int number)
    {
        try
        {
            // Opened anew each time: that is when a network file system asks the server.
            using var file = File.OpenHandle(PathOf(number), FileMode.Open, FileAccess.Read, Everyone);
            var bytes = new byte[Math.Min(MaxClaim, RandomAccess.GetLength(file))];
            return ValueTask.FromResult(LogScanner.ReadFully(file, bytes, 0) ? LeaseClaim.FromBytes(bytes) : null);
        }
        catch (FileNotFoundException)
        {
            return ValueTask.FromResult<LeaseClaim?>(null);
        }
    }

    public ValueTask DeleteAsync(int number)
    {
        File.Delete(PathOf(number));
        return ValueTask.CompletedTask;
    }

    private static void Describe(SafeFileHandle file, LeaseClaim claim)
    {
        RandomAccess.Write(file, claim.ToBytes(), 0);
        Durable.Flush(file);
    }

    private string PathOf(int number) => Path.Combine(directory, $"{number:D10}.lease");

    [GeneratedRegex(@"^(\d{10})\.lease$", RegexOptions.CultureInvariant)]
    private static partial Regex ClaimName();
}
