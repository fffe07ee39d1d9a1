using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmtpProxy.Faults.Model;

/// <summary>Reads members as their descriptions say, from JSON; a configuration section comes as JSON whose values are all text
/// (<see cref="ConfigurationTree"/>). Names count without case; members that are not described are refused.</summary>
internal static class FieldReader
{
    /// <summary>Longer than anything makes sense, and short enough that sums of durations and dates exist.</summary>
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(365);

    private const int LongestShown = 100;

    /// <summary>Reads an object.</summary>
    /// <param name="node">The object.</param>
    /// <param name="fields">Its members.</param>
    /// <param name="path">Where it stands; "" at the top.</param>
    /// <param name="errors">What is wrong is added here.</param>
    public static Values Read(JsonObject node, IReadOnlyList<Field> fields, string path, List<RuleError> errors)
    {
        var values = new Values();
        foreach (var (name, member) in node)
        {
            if (errors.Count >= RuleError.Most)
            {
                return values;
            }

            var field = fields.FirstOrDefault(f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (field is null)
            {
                errors.Add(new RuleError(Join(path, name),
                    $"is not known here; known are {string.Join(", ", fields.Select(static f => f.Name))}"));
            }
            else if (member is not null)
            {
                Read(values, member, field, Join(path, field.Name), errors);
            }
        }

        foreach (var field in fields.Where(f => f.IsRequired && !values.Has(f.Name) && !errors.Exists(e => e.Path == Join(path, f.Name))))
        {
            errors.Add(new RuleError(Join(path, field.Name), $"is missing; it is {field.Expected}: {field.Doc}"));
        }

        return values;
    }

    /// <summary>A path and one more member.</summary>
    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static void Read(Values values, JsonNode member, Field field, string path, List<RuleError> errors)
    {
        if (field.Kind is FieldKind.Object)
        {
            if (member is JsonObject inner)
            {
                values.Set(field.Name, Read(inner, field.Members, path, errors));
                return;
            }
        }
        else if (Convert(member, field) is { } value)
        {
            values.Set(field.Name, value);
            return;
        }

        errors.Add(new RuleError(path, $"{Shown(member)} is not {field.Expected}"));
    }

    private static object? Convert(JsonNode member, Field field) => field.Kind switch
    {
        FieldKind.Action => member as JsonObject,
        FieldKind.Text => Scalar(member),
        FieldKind.Choice => field.Choices.FirstOrDefault(c => c.Equals(Scalar(member), StringComparison.OrdinalIgnoreCase)),
        FieldKind.Integer => Integer(member, field),
        FieldKind.Number => Number(member) is { } number && number >= field.Min && number <= field.Max ? number : null,
        FieldKind.Flag => bool.TryParse(Scalar(member), out var flag) ? flag : null,
        FieldKind.Duration => Duration(member),
        FieldKind.Time => DateTimeOffset.TryParse(Scalar(member), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var time) ? time : null,
        FieldKind.TextList => List(member, Scalar),
        FieldKind.IntegerList => List(member, m => Integer(m, field)),
        FieldKind.IntegerRange => Range(member, m => Integer(m, field), long.MinValue, long.MaxValue),
        FieldKind.DurationRange => Range(member, Duration, TimeSpan.Zero, LongestDuration),
        _ => null,
    };

    private static string? Scalar(JsonNode? node) => node is JsonValue value
        ? value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.Number => value.ToJsonString(),
            _ => null,
        }
        : null;

    private static long? Integer(JsonNode? node, Field field) =>
        long.TryParse(Scalar(node), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= field.Min
        && number <= field.Max
            ? number
            : null;

    private static double? Number(JsonNode? node) =>
        double.TryParse(Scalar(node), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : null;

    // A lone number would be taken for that many days.
    private static TimeSpan? Duration(JsonNode? node) =>
        Scalar(node) is { } text && text.Contains(':', StringComparison.Ordinal)
        && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) && span >= TimeSpan.Zero && span <= LongestDuration
            ? span
            : null;

    // What is expected must still be read after it.
    private static string? Cut(string? text) => text is { Length: > LongestShown } ? text[..LongestShown] + "…" : text;

    private static IReadOnlyList<string>? List(JsonNode node, Func<JsonNode?, string?> convert)
    {
        var items = (node is JsonArray array ? array.Select(convert) : [convert(node)]).ToArray();
        return items.Length == 0 || items.Contains(null) ? null : [.. items.OfType<string>()];
    }

    private static IReadOnlyList<long>? List(JsonNode node, Func<JsonNode?, long?> convert)
    {
        var items = (node is JsonArray array ? array.Select(convert) : [convert(node)]).ToArray();
        return items.Length == 0 || items.Contains(null) ? null : [.. items.OfType<long>()];
    }

    private static Bounds<T>? Range<T>(JsonNode node, Func<JsonNode?, T?> convert, T least, T most)
        where T : struct, IComparable<T>
    {
        if (node is not JsonObject limits)
        {
            return typeof(T) == typeof(long) && convert(node) is { } exact ? new Bounds<T>(exact, exact) : null;
        }

        var (min, max) = (least, most);
        foreach (var (name, limit) in limits)
        {
            if (convert(limit) is not { } value)
            {
                return null;
            }

            if (name.Equals("min", StringComparison.OrdinalIgnoreCase))
            {
                min = value;
            }
            else if (name.Equals("max", StringComparison.OrdinalIgnoreCase))
            {
                max = value;
            }
            else
            {
                return null;
            }
        }

        return min.CompareTo(max) <= 0 ? new Bounds<T>(min, max) : null;
    }

    private static string Shown(JsonNode node) =>
        node is JsonValue ? $"\"{Cut(Scalar(node))}\"" : node is JsonArray ? "a list" : "an object";
}
