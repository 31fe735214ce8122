using Cake.Core;

namespace Ambrosia.Build;

/// <summary>A console without colours: Cake's looks at TERM alone and would write escape codes into files and pipes.</summary>
/// <param name="toError">Everything goes to standard error, so that standard output is the answer alone, for a program to read.</param>
internal sealed class RedirectedConsole(IConsole inner, bool toError) : IConsole
{
    public ConsoleColor ForegroundColor { get; set; }

    public ConsoleColor BackgroundColor { get; set; }

    public bool SupportAnsiEscapeCodes => false;

    public void Write(string format, params object[] arg)
    {
        if (toError)
            inner.WriteError(format, arg);
        else
            inner.Write(format, arg);
    }

    public void Write(string value)
    {
        if (toError)
            inner.WriteError(value);
        else
            inner.Write(value);
    }

    public void WriteLine(string format, params object[] arg)
    {
        if (toError)
            inner.WriteErrorLine(format, arg);
        else
            inner.WriteLine(format, arg);
    }

    public void WriteLine(string value)
    {
        if (toError)
            inner.WriteErrorLine(value);
        else
            inner.WriteLine(value);
    }

    public void WriteError(string format, params object[] arg) => inner.WriteError(format, arg);

    public void WriteError(string value) => inner.WriteError(value);

    public void WriteErrorLine(string format, params object[] arg) => inner.WriteErrorLine(format, arg);

    public void WriteErrorLine(string value) => inner.WriteErrorLine(value);

    public void ResetColor()
    {
    }
}
