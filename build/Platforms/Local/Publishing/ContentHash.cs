using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ambrosia.Build.Platforms.Local.Publishing;

/// <summary>One name for the content of many files, whatever their order, times and place.</summary>
public static class ContentHash
{
    private const int ShownDigits = 12;

    /// <param name="files">Path relative to the checkout, with forward slashes, and content.</param>
    public static string Of(IEnumerable<(string Path, ReadOnlyMemory<byte> Content)> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (path, content) in files.OrderBy(file => file.Path, StringComparer.Ordinal))
        {
            // Lengths are hashed too, so that moving a byte from one file to the next shows.
            Append(hash, Encoding.UTF8.GetBytes(path));
            Append(hash, content.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..ShownDigits];
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
