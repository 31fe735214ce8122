using System.Text;

namespace Ambrosia.Build.Cli;

/// <summary>Turns a stream of characters into lines; \n, \r\n and the lone \r of progress bars end one.</summary>
internal sealed class LineSplitter(Action<string> line)
{
    /// <summary>A program that never ends its line must not fill our memory.</summary>
    private const int LongestLine = 1 << 20;

    private readonly StringBuilder _current = new();
    private bool _afterCarriageReturn;

    public void Write(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (c == '\n' && _afterCarriageReturn)
            {
                _afterCarriageReturn = false;
                continue;
            }

            _afterCarriageReturn = c == '\r';
            if (c is '\n' or '\r')
                Emit();
            else if (_current.Append(c).Length == LongestLine)
                Emit();
        }
    }

    /// <summary>The last line, when it was not ended.</summary>
    public void Complete()
    {
        if (_current.Length > 0)
            Emit();
    }

    private void Emit()
    {
        var text = _current.ToString();
        _current.Clear();
        line(text);
    }
}
