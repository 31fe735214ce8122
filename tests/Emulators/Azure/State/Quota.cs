namespace Ambrosia.Emulators.Azure.State;

/// <summary>vCPUs of a family of sizes (or of a whole region) in one region.</summary>
/// <param name="UsedElsewhere">vCPUs that machines outside the emulated clusters use.</param>
public sealed record Quota(int Limit, int UsedElsewhere = 0);
