using System.Globalization;
using Ambrosia.Build.Errors;
using Newtonsoft.Json;

namespace Ambrosia.Build.Settings;

/// <summary>
/// JSON with comments and trailing commas as nodes that know where they stand. Newtonsoft's own document model keeps the end of a
/// token instead of its start, and only one of two equal keys.
/// </summary>
internal sealed class ConfigurationReader : IDisposable
{
    private readonly string _file;
    private readonly string _text;
    private readonly List<int> _lineStarts = [0];
    private readonly JsonTextReader _reader;
    private readonly List<ConfigurationProblem> _problems;
    private int _line = 1;
    private int _column = 1;

    private ConfigurationReader(string file, string text, List<ConfigurationProblem> problems)
    {
        _file = file;
        _text = text;
        _problems = problems;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n')))
                _lineStarts.Add(i + 1);
        }

        _reader = new JsonTextReader(new StringReader(text))
        {
            DateParseHandling = DateParseHandling.None,
            FloatParseHandling = FloatParseHandling.Double,
        };
    }

    /// <summary>The file's object, or null after a problem that hides the rest.</summary>
    public static ConfigurationObject? Read(string file, string text, List<ConfigurationProblem> problems)
    {
        using var reader = new ConfigurationReader(file, text, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (JsonReaderException exception)
        {
            // "... Path 'azure', line 3, position 7." says less well what we say in front.
            var message = exception.Message;
            var tail = message.IndexOf(" Path '", StringComparison.Ordinal);
            problems.Add(new ConfigurationProblem(
                ErrorCode.ConfigurationMalformed,
                At(file, Math.Max(1, exception.LineNumber), exception.LinePosition + 1),
                "is not JSON: " + (tail < 0 ? message : message[..tail])));
            return null;
        }
    }

    public void Dispose() => ((IDisposable)_reader).Dispose();

    public static string At(string file, int line, int column) => string.Create(CultureInfo.InvariantCulture, $"{file}:{line}:{column}");

    private ConfigurationObject? ReadDocument()
    {
        if (!Next())
        {
            Malformed("is empty; allowed: an object, { ... }");
            return null;
        }

        var root = ReadNode();
        while (_reader.Read())
        {
            // Comments may follow; a second value is refused by the reader itself.
        }

        if (root is ConfigurationObject document)
            return document;
        if (root is not null)
            Malformed($"holds {root.Description}; allowed: an object, {{ ... }}");
        return null;
    }

    private ConfigurationNode? ReadNode()
    {
        var (line, column) = (_line, _column);
        switch (_reader.TokenType)
        {
            case JsonToken.StartObject:
                return ReadObject(line, column);
            case JsonToken.StartArray:
                return ReadList(line, column);
            case JsonToken.String or JsonToken.Integer or JsonToken.Float or JsonToken.Boolean or JsonToken.Null:
                return new ConfigurationValue(line, column, _reader.Value);
            default:
                throw new JsonReaderException("A value is missing.", _reader.Path, line, column - 1, null);
        }
    }

    private ConfigurationObject ReadObject(int line, int column)
    {
        var properties = new List<ConfigurationProperty>();
        while (true)
        {
            Require();
            if (_reader.TokenType == JsonToken.EndObject)
                return new ConfigurationObject(line, column, properties);
            var (name, nameLine, nameColumn) = ((string)_reader.Value!, _line, _column);
            var path = _reader.Path;
            Require();
            var value = ReadNode()!;
            if (properties.Find(property => property.Name == name) is { } first)
            {
                _problems.Add(new ConfigurationProblem(
                    ErrorCode.ConfigurationInvalidValue,
                    At(_file, nameLine, nameColumn),
                    string.Create(CultureInfo.InvariantCulture, $"{path} is given twice, first in line {first.Line}")));
            }
            else
            {
                properties.Add(new ConfigurationProperty(nameLine, nameColumn, name, value));
            }
        }
    }

    private ConfigurationList ReadList(int line, int column)
    {
        var items = new List<ConfigurationNode>();
        while (true)
        {
            Require();
            if (_reader.TokenType == JsonToken.EndArray)
                return new ConfigurationList(line, column, items);
            items.Add(ReadNode()!);
        }
    }

    private void Require()
    {
        if (!Next())
            throw new JsonReaderException("The file ends in the middle of an object or list.", _reader.Path, _reader.LineNumber, _reader.LinePosition, null);
    }

    private bool Next()
    {
        do
        {
            // The reader stands behind the last token; what follows up to the next one is white space and one comma.
            var at = Math.Min(_lineStarts[Math.Min(Math.Max(_reader.LineNumber, 1), _lineStarts.Count) - 1] + _reader.LinePosition, _text.Length);
            at = SkipWhiteSpace(at);
            if (at < _text.Length && _text[at] == ',' && _reader.TokenType is not (JsonToken.PropertyName or JsonToken.None))
                at = SkipWhiteSpace(at + 1);
            var index = _lineStarts.BinarySearch(at);
            var line = index >= 0 ? index : ~index - 1;
            (_line, _column) = (line + 1, at - _lineStarts[line] + 1);
            if (!_reader.Read())
                return false;
        }
        while (_reader.TokenType == JsonToken.Comment);
        return true;
    }

    private int SkipWhiteSpace(int at)
    {
        while (at < _text.Length && char.IsWhiteSpace(_text[at]))
            at++;
        return at;
    }

    private void Malformed(string text) => _problems.Add(new ConfigurationProblem(ErrorCode.ConfigurationMalformed, At(_file, 1, 1), text));
}
