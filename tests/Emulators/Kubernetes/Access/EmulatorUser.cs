using System.Security.Cryptography.X509Certificates;

namespace Ambrosia.Emulators.Kubernetes.Access;

/// <summary>Someone whom the API knows.</summary>
/// <param name="Token">The bearer token that the API takes for this user; null without one.</param>
/// <param name="Certificate">The client certificate with its key that the API takes for this user; null without one.</param>
public sealed record EmulatorUser(string Name, string? Token, X509Certificate2? Certificate);
