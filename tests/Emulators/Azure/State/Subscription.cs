namespace Ambrosia.Emulators.Azure.State;

/// <param name="State"><c>Enabled</c>, <c>Disabled</c> or <c>Warned</c>.</param>
public sealed record Subscription(string Id, string Name, string State = "Enabled");
