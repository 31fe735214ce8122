using System.Security.Cryptography;
using System.Text;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// Tells whether a secret has changed without keeping it. Annotations are read by many who may not read Secrets, so a hash is salted with the
/// object's place, and one of a password is slow besides: a weak one could be guessed otherwise.
/// </summary>
public static class ContentHash
{
    private const int Rounds = 100_000;
    private const int Bytes = 16;

    /// <summary>For what nobody can guess, such as a storage account's key of 512 random bits.</summary>
    /// <param name="place">Namespace and name of the object: the same secret elsewhere has another hash.</param>
    public static string OfKey(string place, params IEnumerable<string> values) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Salt(place), Content(values)).AsSpan(0, Bytes));

    /// <summary>For what a person may have chosen. Takes some hundredths of a second.</summary>
    /// <inheritdoc cref="OfKey"/>
    public static string OfPassword(string place, params IEnumerable<string> values) =>
        Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(Content(values), Salt(place), Rounds, HashAlgorithmName.SHA256, Bytes));

    private static byte[] Salt(string place) => Encoding.UTF8.GetBytes("ambrosia/" + place);

    private static byte[] Content(IEnumerable<string> values) => Encoding.UTF8.GetBytes(string.Join('\0', values));
}
