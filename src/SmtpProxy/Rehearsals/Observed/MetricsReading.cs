using System.Globalization;
using System.Text.RegularExpressions;

namespace SmtpProxy.Rehearsals.Observed;

/// <summary>The metrics of a proxy at one moment, in the text format of Prometheus.</summary>
internal sealed partial class MetricsReading
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _series = [];

    private MetricsReading()
    {
    }

    /// <summary>Nothing was read.</summary>
    public static MetricsReading None { get; } = new();

    /// <summary>Reads a text.</summary>
    public static MetricsReading Of(string text)
    {
        var reading = new MetricsReading();
        foreach (Match line in Series().Matches(text))
        {
            if (double.TryParse(line.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                reading._series.Add((line.Groups["name"].Value, Label().Matches(line.Groups["labels"].Value).ToDictionary(
                    static l => l.Groups["name"].Value, static l => l.Groups["value"].Value, StringComparer.Ordinal), value));
            }
        }

        return reading;
    }

    /// <summary>The sum of the series of this name that have these labels.</summary>
    public double Sum(string name, IReadOnlyDictionary<string, string> labels) =>
        _series.Where(s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Key) == l.Value)).Sum(static s => s.Value);

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[^\n]*)\})? (?<value>[^ \n]+)""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Series();

    [GeneratedRegex("(?<name>[a-zA-Z_][a-zA-Z0-9_]*)=\"(?<value>[^\"]*)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Label();
}
