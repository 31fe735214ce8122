namespace Ambrosia.Emulators.Azure.Faults;

/// <summary>A create or update that Azure accepts and that ends in <c>Failed</c>.</summary>
internal sealed record OperationFault(string Code, string Message);
