namespace Ambrosia.Emulators.Azure;

/// <summary>A request that changes something.</summary>
/// <param name="Number">Counted from 1; attempts that a fault kept away are not counted.</param>
/// <param name="Path">Normalised: single slashes, as the client spelled it otherwise.</param>
/// <param name="Status">0 before it is done.</param>
public sealed record Mutation(int Number, string Method, string Path, int Status);
