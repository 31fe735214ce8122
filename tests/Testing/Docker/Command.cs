using System.Diagnostics;

namespace Ambrosia.Testing.Docker;

/// <summary>Runs a program to its end, for a test's own preparations.</summary>
public static class Command
{
    /// <returns>Its standard output.</returns>
    /// <exception cref="CommandFailedException">With all that it wrote.</exception>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0
                ? await output
                : throw new CommandFailedException(
                    $"{program} {string.Join(' ', start.ArgumentList)} ended with exit code {process.ExitCode}:\n{await output}{await error}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
