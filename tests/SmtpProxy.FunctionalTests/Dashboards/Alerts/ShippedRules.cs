using System.Text.RegularExpressions;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>The alerts and recorded series as they are shipped, each with what it reads.</summary>
internal sealed partial class ShippedRules
{
    private readonly Dictionary<string, string> _recorded;
    private readonly Dictionary<string, string> _alerts;

    /// <summary>Reads <c>alerts.yml</c> and <c>recording.yml</c>.</summary>
    /// <param name="folder">Where they are.</param>
    public ShippedRules(string folder)
    {
        _recorded = Rules(Path.Combine(folder, "recording.yml"));
        _alerts = Rules(Path.Combine(folder, "alerts.yml"));
    }

    /// <summary>The names of the alerts, as they stand.</summary>
    public IEnumerable<string> Alerts => _alerts.Keys;

    /// <summary>How bad an alert is.</summary>
    public string SeverityOf(string alert) => Severity().Match(_alerts[alert]).Groups[1].Value;

    /// <summary>For how long it has to be true.</summary>
    public TimeSpan ForOf(string alert)
    {
        var time = For().Match(_alerts[alert]);
        var count = int.Parse(time.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        return time.Groups[2].Value == "h" ? TimeSpan.FromHours(count) : TimeSpan.FromMinutes(count);
    }

    /// <summary>A rule file with these alerts and what they read of recorded series, word for word.</summary>
    public string FileOf(params IEnumerable<string> alerts)
    {
        var mine = alerts.Select(a => _alerts[a]).ToArray();
        return $"groups:\n  - name: recorded\n    rules:\n{string.Concat(RecordedBy(mine))}  - name: alerts\n    rules:\n" +
            $"{string.Concat(mine)}";
    }

    /// <summary>The product's metrics, and those of Prometheus, that these alerts read, with their labels; null
    /// where one reads all of them.</summary>
    public IReadOnlySet<string>? MetricsOf(params IEnumerable<string> alerts)
    {
        var mine = alerts.Select(a => _alerts[a]).ToArray();
        var text = string.Concat(mine) + string.Concat(RecordedBy(mine));
        return text.Contains("__name__", StringComparison.Ordinal) ? null : Metric().Matches(text).Select(static m => m.Value).ToHashSet();
    }

    private IEnumerable<string> RecordedBy(string[] rules)
    {
        var names = new HashSet<string>();
        for (var open = new Queue<string>(rules); open.TryDequeue(out var text);)
        {
            foreach (Match name in Recorded().Matches(text))
            {
                if (_recorded.TryGetValue(name.Value, out var rule) && names.Add(name.Value))
                {
                    open.Enqueue(rule);
                }
            }
        }

        return _recorded.Where(r => names.Contains(r.Key)).Select(static r => r.Value);
    }

    private static Dictionary<string, string> Rules(string file) =>
        Rule().Matches(File.ReadAllText(file)).ToDictionary(static m => m.Groups[1].Value, static m => m.Value);

    [GeneratedRegex(@" {6}- (?:alert|record): (\S+)\n(?: {8}.*\n?)+")]
    private static partial Regex Rule();

    [GeneratedRegex(@"smtpproxy:[\w:]+")]
    private static partial Regex Recorded();

    [GeneratedRegex(@"\bsmtpproxy_[a-z0-9_]+\b|\bup\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"severity: (\w+)")]
    private static partial Regex Severity();

    [GeneratedRegex(@"for: (\d+)([mh])")]
    private static partial Regex For();
}
