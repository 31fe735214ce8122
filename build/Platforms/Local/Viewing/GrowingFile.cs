using System.Text;

namespace Ambrosia.Build.Platforms.Local.Viewing;

/// <summary>A text file that another process appends to; yields whole lines, each once.</summary>
public sealed class GrowingFile(string name, string path) : IDisposable
{
    private readonly StringBuilder _partial = new();
    private StreamReader? _reader;

    public string Name => name;

    /// <param name="final">Nothing more will be written: also a last line without an end counts.</param>
    public IEnumerable<string> ReadLines(bool final)
    {
        if (_reader is null && File.Exists(path))
            _reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        int next;
        while (_reader is not null && (next = _reader.Read()) >= 0)
        {
            if (next != '\n')
            {
                _partial.Append((char)next);
                continue;
            }

            yield return Take();
        }

        if (final && _partial.Length > 0)
            yield return Take();
    }

    public void Dispose() => _reader?.Dispose();

    private string Take()
    {
        var line = _partial.ToString().TrimEnd('\r');
        _partial.Clear();
        return line;
    }
}
