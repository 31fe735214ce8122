namespace Ambrosia.Emulators.Azure;

/// <param name="Owner">Whose secret it is: an account and key name, an application, a registry.</param>
public sealed record SentinelSecret(SecretKind Kind, string Value, string Owner);
