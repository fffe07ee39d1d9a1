using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SmtpProxy.Configuration.Schema;

namespace SmtpProxy.Configuration.Sources;

/// <summary>
/// Reads a file of settings: JSON in UTF-8, with comments and trailing commas as .NET's own files may have them. What is wrong is told with
/// its line and column; the file's text is not repeated, because it can be a secret.
/// </summary>
internal sealed class SettingsFile
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private readonly string _path;
    private readonly byte[] _text;
    private readonly List<Setting> _settings = [];
    private readonly List<Problem> _problems = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);

    private SettingsFile(string path, byte[] text) => (_path, _text) = (path, text);

    /// <summary>Reads its text.</summary>
    /// <param name="path">What the file is called in problems and origins.</param>
    /// <param name="octets">All of it.</param>
    /// <param name="problems">What is wrong; when there is something, the settings are not to be used.</param>
    public static IReadOnlyList<Setting> Read(string path, byte[] octets, out IReadOnlyList<Problem> problems)
    {
        var file = new SettingsFile(path, octets is [0xEF, 0xBB, 0xBF, ..] ? octets[3..] : octets);
        if (file.NotText() is { } wrong)
        {
            problems = [Problem.At(path, wrong)];
            return [];
        }

        try
        {
            file.ReadAll();
        }
        catch (JsonException e)
        {
            file._problems.Add(Problem.At(path, $"line {e.LineNumber + 1}, column {file.Column(e)}: {Explain(e.Message)}"));
        }

        problems = file._problems;
        return file._settings;
    }

    private string? NotText()
    {
        if (_text is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..])
        {
            return "is UTF-16; save it as UTF-8";
        }

        if (!Utf8.IsValid(_text))
        {
            var valid = 0;
            while (Rune.DecodeFromUtf8(_text.AsSpan(valid), out _, out var length) == System.Buffers.OperationStatus.Done)
            {
                valid += length;
            }

            return $"line {Line(valid)}: is not UTF-8; save it as UTF-8";
        }

        return _text.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0 ? "is empty; write {} for no settings" : null;
    }

    private void ReadAll()
    {
        var json = new Utf8JsonReader(_text, Options);
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            _problems.Add(Problem.At(_path,
                $"line {Line(json.TokenStartIndex)}: is not an object; write {{ \"{Settings.Section}\": {{ … }} }}"));
            return;
        }

        ReadObject(ref json, null, Line(json.TokenStartIndex));
        json.Read();
    }

    private void ReadObject(ref Utf8JsonReader json, string? parent, int line)
    {
        var isEmpty = true;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            var name = Text(ref json);
            var key = parent is null ? name : $"{parent}:{name}";
            var at = Line(json.TokenStartIndex);
            if (!_lines.TryAdd(key, at))
            {
                _problems.Add(Problem.At(_path, $"line {at}: {key} is there twice, first in line {_lines[key]}; remove one of them"));
            }

            json.Read();
            ReadValue(ref json, key, at);
        }

        if (isEmpty && parent is not null)
        {
            Add(parent, null, line);
        }
    }

    private void ReadArray(ref Utf8JsonReader json, string parent, int line)
    {
        var index = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            ReadValue(ref json, FormattableString.Invariant($"{parent}:{index++}"), Line(json.TokenStartIndex));
        }

        if (index == 0)
        {
            Add(parent, "", line);
        }
    }

    private void ReadValue(ref Utf8JsonReader json, string key, int line)
    {
        switch (json.TokenType)
        {
            case JsonTokenType.StartObject:
                ReadObject(ref json, key, line);
                break;
            case JsonTokenType.StartArray:
                ReadArray(ref json, key, line);
                break;
            case JsonTokenType.Null:
                Add(key, null, line);
                break;
            case JsonTokenType.String:
                Add(key, Text(ref json), line);
                break;
            default:
                // Numbers stay as they are written; True and False are what .NET's own files become.
                Add(key, json.TokenType == JsonTokenType.Number ? Encoding.UTF8.GetString(json.ValueSpan) : json.TokenType.ToString(),
                    line);
                break;
        }
    }

    /// <summary>The text of a token. JSON lets half of a surrogate pair be written as an escape (RFC 8259 8.2); no text has
    /// one.</summary>
    private string Text(ref Utf8JsonReader json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            _problems.Add(Problem.At(_path,
                $"line {Line(json.TokenStartIndex)}: an escape from \\uD800 to \\uDFFF stands alone; write the character itself"));
            return "";
        }
    }

    private void Add(string key, string? value, int line) => _settings.Add(new Setting(key, value, SettingOrigin.Line(_path, line)));

    /// <summary>The line of an octet, counted from 1.</summary>
    private int Line(long octet) => _text.AsSpan(0, (int)octet).Count((byte)'\n') + 1;

    /// <summary>The column in characters, counted from 1; the library counts octets.</summary>
    private int Column(JsonException e)
    {
        var start = 0;
        for (var line = 0L; line < (e.LineNumber ?? 0); line++)
        {
            start += _text.AsSpan(start).IndexOf((byte)'\n') + 1;
        }

        return Encoding.UTF8.GetCharCount(_text.AsSpan(start, (int)Math.Min(e.BytePositionInLine ?? 0, _text.Length - start))) + 1;
    }

    private static string Explain(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var plain = end < 0 ? message : message[..end];

        // The library would quote the word that it found.
        return plain.Contains("invalid JSON literal", StringComparison.Ordinal)
            || plain.Contains("invalid start of a value", StringComparison.Ordinal) ? "here a value is expected; text needs quotes"
            : plain.Contains("invalid start of a property name", StringComparison.Ordinal) ? "here a name in quotes is expected"
            : plain.Contains("depth to be zero", StringComparison.Ordinal)
            || plain.Contains("reached end of data", StringComparison.Ordinal) ? "the file ends too early; a } or ] is missing"
            : $"is not JSON: {plain}";
    }
}
