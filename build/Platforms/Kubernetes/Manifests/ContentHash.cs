using System.Security.Cryptography;
using System.Text;

namespace Ambrosia.Build.Platforms.Kubernetes.Manifests;

/// <summary>
/// Tells whether a secret has changed without keeping it: annotations are read by many who may not read Secrets, so the hash is slow and salted
/// with the object's place, and a weak password cannot be guessed from it in bulk.
/// </summary>
public static class ContentHash
{
    private const int Rounds = 100_000;
    private const int Bytes = 16;

    /// <param name="place">Namespace and name of the object: the same secret elsewhere has another hash.</param>
    public static string Of(string place, params IEnumerable<string> values) => Convert.ToHexStringLower(
        Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(string.Join('\0', values)), Encoding.UTF8.GetBytes("ambrosia/" + place), Rounds, HashAlgorithmName.SHA256, Bytes));
}
