using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SmtpProxy.Inspection;

namespace SmtpProxy.Cli.Probing;

/// <summary>Several walks in numbers: how many went well, and how long each step took.</summary>
internal sealed class ProbeStatistics
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, List<double>> _took = [];
    private readonly SortedDictionary<string, int> _findings = [];

    /// <summary>Walks so far.</summary>
    public int Count { get; private set; }

    /// <summary>Those that went as far as they were to go.</summary>
    public int Good { get; private set; }

    /// <summary>Counts a walk.</summary>
    public void Add(WalkResult walk)
    {
        Count++;
        Good += walk.IsGood ? 1 : 0;
        if (walk.Finding is { } finding)
        {
            _findings[finding.Code] = _findings.GetValueOrDefault(finding.Code) + 1;
        }

        var ehlos = 0;
        foreach (var step in walk.Steps.Where(static s => s.Name != "close"))
        {
            // The second EHLO, inside TLS, is another matter than the first.
            Note(step.Name == "ehlo" && ++ehlos == 2 ? "ehlo (tls)" : step.Name, step.Took);
        }

        Note("all", walk.Total);
    }

    /// <summary>For people.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        text.AppendLine(string.Create(CultureInfo.InvariantCulture,
            $"{Count} probes: {Good} good, {Count - Good} not{string.Concat(_findings.Select(static f => $"; {f.Value} {f.Key}"))}"));
        text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{"ms",-14}{"n",6}{"min",10}{"p50",10}{"p95",10}{"max",10}"));
        foreach (var name in _order)
        {
            var all = _took[name].Order().ToArray();
            text.AppendLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-14}{all.Length,6}{all[0],10:0.0}{Quantile(all, 0.5),10:0.0}{Quantile(all, 0.95),10:0.0}{all[^1],10:0.0}"));
        }

        return text.ToString();
    }

    /// <summary>For scripts.</summary>
    public JsonObject Json()
    {
        var steps = new JsonObject();
        foreach (var name in _order)
        {
            var all = _took[name].Order().ToArray();
            steps[name] = new JsonObject
            {
                ["n"] = all.Length,
                ["min_ms"] = Rounded(all[0]),
                ["p50_ms"] = Rounded(Quantile(all, 0.5)),
                ["p95_ms"] = Rounded(Quantile(all, 0.95)),
                ["max_ms"] = Rounded(all[^1]),
            };
        }

        var findings = new JsonObject();
        foreach (var (code, count) in _findings)
        {
            findings[code] = count;
        }

        return new JsonObject { ["statistics"] = new JsonObject
            { ["count"] = Count, ["good"] = Good, ["diagnoses"] = findings, ["steps"] = steps } };
    }

    /// <summary>Microseconds are as fine as these clocks are worth.</summary>
    internal static double Rounded(double milliseconds) => Math.Round(milliseconds, 3);

    /// <summary>The smallest value that this share of all does not exceed.</summary>
    private static double Quantile(double[] ordered, double share) =>
        ordered[Math.Clamp((int)Math.Ceiling(share * ordered.Length) - 1, 0, ordered.Length - 1)];

    private void Note(string name, double took)
    {
        if (!_took.TryGetValue(name, out var all))
        {
            _took[name] = all = [];
            // The whole stands last, whatever comes new later.
            _order.Insert(name != "all" && _order is [.., "all"] ? _order.Count - 1 : _order.Count, name);
        }

        all.Add(took);
    }
}
