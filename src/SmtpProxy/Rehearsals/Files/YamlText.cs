using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SmtpProxy.Rehearsals.Files;

/// <summary>
/// A YAML text as JSON, with the line of each value. Of YAML 1.2 what JSON has, too (its core schema): no anchors, no tags, one document.
/// A time such as 00:05:00 is a text, as in JSON.
/// </summary>
internal sealed partial class YamlText
{
    private const int MostOctets = 1024 * 1024;
    private const int Deepest = 40;
    private readonly Dictionary<string, int> _lines = new(StringComparer.OrdinalIgnoreCase);
    private readonly Parser _parser;

    private YamlText(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>The document; null: it is empty.</summary>
    public JsonNode? Root { get; private set; }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="problem">Why it cannot be read; null: it can.</param>
    public static YamlText Read(string text, out FileProblem? problem)
    {
        var yaml = new YamlText(text);
        problem = null;
        try
        {
            if (text.Length > MostOctets)
            {
                problem = new FileProblem("", 0, "is longer than a megabyte; a rehearsal is a page");
                return yaml;
            }

            yaml.ReadDocument();
        }
        catch (YamlException e)
        {
            problem = e.Message.Contains(" tab ", StringComparison.Ordinal)
                ? new FileProblem("", LineWithTab(text), "is no YAML: a tab stands where the line begins; write spaces")
                : new FileProblem("", (int)e.Start.Line, $"is no YAML: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // The scanner has met something, and the parser was asked on.
            problem = new FileProblem("", yaml._parser.Current is { } at ? Line(at) : 0,
                "is no YAML: something does not end, from here on");
        }
        catch (RefusedYamlException e)
        {
            problem = new FileProblem(e.Path, e.Line, e.Message);
        }

        return yaml;
    }

    /// <summary>The line of what stands at a path, or of the nearest thing around it.</summary>
    public int LineOf(string path)
    {
        while (true)
        {
            if (_lines.TryGetValue(path, out var line))
            {
                return line;
            }

            var cut = path.LastIndexOfAny(['.', '[']);
            if (cut < 0)
            {
                return _lines.GetValueOrDefault("");
            }

            path = path[..cut];
        }
    }

    private void ReadDocument()
    {
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is not DocumentStart)
        {
            return;
        }

        _parser.MoveNext();
        Root = ReadNode("", 0);
        _parser.MoveNext();
        _parser.MoveNext();
        if (_parser.Current is DocumentStart second)
        {
            throw new RefusedYamlException("", Line(second), "has a second document; write one rehearsal in a file");
        }
    }

    private JsonNode? ReadNode(string path, int depth)
    {
        var at = _parser.Current!;
        _lines[path] = Line(at);
        if (at is NodeEvent { Anchor.IsEmpty: false } or AnchorAlias)
        {
            throw new RefusedYamlException(path, Line(at), "is an anchor or an alias; write the value out");
        }

        if (at is NodeEvent { Tag.IsEmpty: false })
        {
            throw new RefusedYamlException(path, Line(at), "has a tag; write the value without one");
        }

        if (depth > Deepest)
        {
            throw new RefusedYamlException(path, Line(at), "is too deep inside other values");
        }

        switch (at)
        {
            case MappingStart:
                return ReadObject(path, depth);
            case SequenceStart:
                return ReadList(path, depth);
            default:
                return ReadScalar((Scalar)at);
        }
    }

    private JsonObject ReadObject(string path, int depth)
    {
        var members = new JsonObject();
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            if (_parser.Current is not Scalar key)
            {
                throw new RefusedYamlException(path, Line(_parser.Current!), "has a name that is no text");
            }

            var inner = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
            // Names count without case.
            if (members.Any(m => m.Key.Equals(key.Value, StringComparison.OrdinalIgnoreCase)))
            {
                throw new RefusedYamlException(inner, Line(key), "is there twice; leave one");
            }

            _parser.MoveNext();
            members[key.Value] = ReadNode(inner, depth + 1);
            // The name's own line says more than that of a value which begins below it.
            _lines[inner] = Line(key);
        }

        return members;
    }

    private JsonArray ReadList(string path, int depth)
    {
        var items = new JsonArray();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(string.Create(CultureInfo.InvariantCulture, $"{path}[{items.Count}]"), depth + 1));
        }

        return items;
    }

    private static JsonNode? ReadScalar(Scalar scalar) => scalar.Style != ScalarStyle.Plain
        ? JsonValue.Create(scalar.Value)
        : scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            var text when Number().IsMatch(text) => JsonNode.Parse(text),
            var text => JsonValue.Create(text),
        };

    private static int LineWithTab(string text)
    {
        foreach (var (n, line) in text.Split('\n').Index())
        {
            if (line.AsSpan(0, line.Length - line.AsSpan().TrimStart(" \t").Length).Contains('\t'))
            {
                return n + 1;
            }
        }

        return 0;
    }

    private static int Line(ParsingEvent at) => (int)at.Start.Line;

    [GeneratedRegex(@"^-?(0|[1-9]\d{0,15})(\.\d{1,15})?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();

    private sealed class RefusedYamlException(string path, int line, string message) : Exception(message)
    {
        public string Path => path;

        public int Line => line;
    }
}
