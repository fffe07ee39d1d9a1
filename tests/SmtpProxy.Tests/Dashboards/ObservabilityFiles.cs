using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmtpProxy.Tests.Dashboards;

/// <summary>The files under <c>dashboards/</c>, and what the product really exports, as the golden file of its metrics has it.</summary>
internal static partial class ObservabilityFiles
{
    private static readonly string[] OfEverySeries = ["job", "instance", "otel_metric_overflow", "alertstate", "le", "service_version",
        "alertname"];

    /// <summary>Labels of each metric; of a histogram also under its parts.</summary>
    public static IReadOnlyDictionary<string, string[]> Metrics { get; } = ReadMetrics();

    /// <summary>The dashboards by file name.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Dashboards { get; } = Directory.GetFiles(Folder, "*.json")
        .ToDictionary(static f => Path.GetFileName(f), static f => JsonDocument.Parse(File.ReadAllText(f)).RootElement);

    /// <summary>The folder <c>dashboards/</c>.</summary>
    public static string Folder => Path.Combine(Root(), "dashboards");

    /// <summary>The folder <c>docs/runbooks/</c>.</summary>
    public static string Runbooks => Path.Combine(Root(), "docs", "runbooks");

    /// <summary>A file of <c>dashboards/prometheus/</c>.</summary>
    public static string Prometheus(string name) => File.ReadAllText(Path.Combine(Folder, "prometheus", name));

    /// <summary>Every panel of a dashboard that shows data, those in collapsed rows too.</summary>
    public static IEnumerable<JsonElement> Panels(JsonElement dashboard) =>
        dashboard.GetProperty("panels").EnumerateArray()
            .SelectMany(static p => IsRow(p) ? p.GetProperty("panels").EnumerateArray() : Enumerable.Repeat(p, 1));

    /// <summary>The rows of a dashboard.</summary>
    public static IEnumerable<JsonElement> Rows(JsonElement dashboard) => dashboard.GetProperty("panels").EnumerateArray().Where(IsRow);

    /// <summary>The expressions of a panel.</summary>
    public static IEnumerable<string> Expressions(JsonElement panel) =>
        panel.GetProperty("targets").EnumerateArray().Select(static t => t.GetProperty("expr").GetString()!);

    /// <summary>Names in an expression that no metric, label or recorded series of the product has.</summary>
    public static IEnumerable<string> Unknown(string expression)
    {
        foreach (Match selector in Selector().Matches(expression))
        {
            var metric = selector.Groups[1].Value;
            if (metric.StartsWith("smtpproxy_", StringComparison.Ordinal) && !Metrics.ContainsKey(metric))
            {
                yield return metric;
            }
            else if (Metrics.TryGetValue(metric, out var labels))
            {
                foreach (var label in Label().Matches(selector.Groups[2].Value).Select(static m => m.Groups[1].Value))
                {
                    if (!labels.Contains(label) && !OfEverySeries.Contains(label))
                    {
                        yield return $"{metric} has no label {label}";
                    }
                }
            }
        }

        var known = Metrics.Keys.Concat(Metrics.Values.SelectMany(static l => l)).Concat(OfEverySeries).ToHashSet();
        foreach (var name in Name().Matches(Quoted().Replace(expression, "\"\"")).Select(static m => m.Value)
            .Where(n => !known.Contains(n)))
        {
            yield return name;
        }
    }

    private static bool IsRow(JsonElement panel) => panel.GetProperty("type").GetString() == "row";

    private static Dictionary<string, string[]> ReadMetrics()
    {
        var metrics = new Dictionary<string, string[]>();
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Telemetry", "metrics.golden.txt")))
        {
            var parts = line.Split(' ');
            var labels = parts.Length > 2 ? parts[2].Split(',') : [];
            foreach (var name in parts[1] == "histogram" ? new[] { "_bucket", "_sum", "_count" }.Select(s => parts[0] + s) : [parts[0]])
            {
                metrics[name] = labels;
            }
        }

        return metrics;
    }

    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex(@"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"([a-z_]+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(smtpproxy|smtp|network|error)_[a-z0-9_]+\b")]
    private static partial Regex Name();
}
