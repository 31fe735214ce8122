using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Ambrosia.Emulators.Azure;

/// <summary>Every secret that the emulator has handed out. Each is unique and recognisable, so that a test can look for it on every surface.</summary>
public sealed class SentinelSecrets
{
    /// <summary>Part of every secret as it is handed out, but of storage keys (which must be base64).</summary>
    public const string Mark = "SENTINEL";

    private readonly ConcurrentQueue<SentinelSecret> _issued = new();
    private int _number;

    public SentinelSecrets()
    {
        ClientSecret = Next(SecretKind.ClientSecret, "the service principal that exists from the start");
        ManagedIdentityHeader = Next(SecretKind.Other, "the managed identity endpoint");
    }

    /// <summary>The secret of <see cref="AzureEmulatorOptions.ClientId"/>.</summary>
    public string ClientSecret { get; }

    /// <summary>What the managed identity endpoint wants to see, in the place of <c>MSI_SECRET</c> or <c>IDENTITY_HEADER</c>.</summary>
    public string ManagedIdentityHeader { get; }

    public IReadOnlyList<SentinelSecret> Issued => _issued.ToList();

    /// <summary>The values alone, those that tests added included.</summary>
    public IReadOnlyList<string> Values => _issued.Select(secret => secret.Value).ToList();

    /// <summary>Adds a value that a test knows to be secret (the token of a kubeconfig it made): the emulator's log masks it.</summary>
    public void Add(SecretKind kind, string value, string owner = "") => _issued.Enqueue(new SentinelSecret(kind, value, owner));

    /// <summary><paramref name="text"/> without any secret.</summary>
    public string Mask(string text)
    {
        foreach (var secret in _issued)
        {
            text = text.Replace(secret.Value, "***", StringComparison.Ordinal)
                .Replace(Uri.EscapeDataString(secret.Value), "***", StringComparison.Ordinal);
        }
        return text;
    }

    internal string Next(SecretKind kind, string owner)
    {
        var value = $"{Mark}-{kind}-{Interlocked.Increment(ref _number)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        Add(kind, value, owner);
        return value;
    }

    /// <summary>A storage key is the base64 of 64 bytes; these are text that says whose it is.</summary>
    internal string NextStorageKey(string account, string name)
    {
        var text = $"{Mark} {account} {name} {Interlocked.Increment(ref _number)} ";
        var filler = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var key = Convert.ToBase64String(Encoding.ASCII.GetBytes((text + filler)[..64]));
        Add(SecretKind.StorageKey, key, $"{account}/{name}");
        return key;
    }

    /// <summary>An unsigned JSON web token whose third part is the sentinel.</summary>
    internal string NextToken(SecretKind kind, string owner, string payload)
    {
        var sentinel = $"{Mark}-{kind}-{Interlocked.Increment(ref _number)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var token = $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{Encode(payload)}.{sentinel}";
        Add(kind, token, owner);
        return token;
    }

    private static string Encode(string text) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
