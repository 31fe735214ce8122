namespace Ambrosia.Testing.Docker;

/// <summary>A program of the tests' own ended with another exit code than 0.</summary>
public sealed class CommandFailedException(string message) : Exception(message);
