using Cake.Core;

namespace Ambrosia.Build;

/// <summary>Writes everything to standard error, so that standard output is the answer alone, for a program to read.</summary>
internal sealed class ErrorConsole(IConsole inner) : IConsole
{
    public ConsoleColor ForegroundColor { get; set; }

    public ConsoleColor BackgroundColor { get; set; }

    public bool SupportAnsiEscapeCodes => false;

    public void Write(string format, params object[] arg) => inner.WriteError(format, arg);

    public void Write(string value) => inner.WriteError(value);

    public void WriteLine(string format, params object[] arg) => inner.WriteErrorLine(format, arg);

    public void WriteLine(string value) => inner.WriteErrorLine(value);

    public void WriteError(string format, params object[] arg) => inner.WriteError(format, arg);

    public void WriteError(string value) => inner.WriteError(value);

    public void WriteErrorLine(string format, params object[] arg) => inner.WriteErrorLine(format, arg);

    public void WriteErrorLine(string value) => inner.WriteErrorLine(value);

    public void ResetColor()
    {
    }
}
