using System.Globalization;
using System.Text;

namespace SmtpProxy.FunctionalTests.Dashboards.Alerts;

/// <summary>Writes what <c>promtool test rules</c> evaluates: the shipped rules, word for word, over series
/// that the product produced.</summary>
/// <param name="rules">The rules.</param>
/// <param name="folder">Where the files go.</param>
internal sealed class PromtoolCases(ShippedRules rules, string folder)
{
    /// <summary>Not the name in <c>prometheus.yml</c>: rules may know none.</summary>
    private const string Job = "edge";

    private readonly List<string> _files = [];

    /// <summary>The files of tests.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>An alert fires, with its own <c>for</c>, and not before; ends; and does not fire over what is near.</summary>
    public void Add(AlertCase it, Scene healthy)
    {
        if (rules.ForOf(it.Alert).Ticks % it.Broken.Step.Ticks != 0)
        {
            throw new ArgumentException($"{it.Alert}: {it.Broken.Step} does not go into {rules.ForOf(it.Alert)}");
        }

        var broken = it.Broken.Length;
        if (it.After is { } after)
        {
            it.Broken.Play(healthy, after + it.Broken.Step);
            it.Beside?.Play(healthy, after + it.Broken.Step);
        }

        var firing = $"ALERTS{{alertname=\"{it.Alert}\",alertstate=\"firing\",job=\"{Job}\",severity=\"{rules.SeverityOf(it.Alert)}\"}}";
        List<(TimeSpan At, string Query, bool Holds)> asked =
        [
            (it.Healthy - it.Broken.Step, $"sum(sum_over_time(ALERTS[{Seconds(it.Healthy)}]))", false),
            (it.Healthy + rules.ForOf(it.Alert) - it.Broken.Step, $"sum({firing})", false),
            (broken - it.Broken.Step, $"sum({firing}) > bool 0", true),
        ];
        if (it.After is { } ended)
        {
            asked.Add((broken + ended, "sum(ALERTS)", false));
        }

        var near = $"sum(sum_over_time(ALERTS{{alertstate=\"firing\"}}[{Seconds(it.Near.Max(static n => n.Length))}]))";
        Write(it.Alert, rules.FileOf(it.Alert), it.Broken.Step,
            Test($"{it.Alert} fires", it.Broken.Step, it.Beside is null ? [it.Broken] : [it.Broken, it.Beside], rules.MetricsOf(it.Alert),
                asked));
        Write($"{it.Alert}.near", rules.FileOf(it.Alert), it.Near[0].Step,
            Test($"{it.Alert} stays quiet", it.Near[0].Step, it.Near, rules.MetricsOf(it.Alert),
                [(it.Near.Max(static n => n.Length), near, false)]));
    }

    /// <summary>No alert fires in this time.</summary>
    public void AddSilence(string name, Timeline time)
    {
        var metrics = rules.Alerts.Select(a => rules.MetricsOf(a)).OfType<IReadOnlySet<string>>().SelectMany(static m => m).ToHashSet();
        Write(name, rules.FileOf(rules.Alerts), time.Step, Test(
            name, time.Step, [time], metrics,
            [(time.Length - time.Step, $"sum by (alertname) (sum_over_time(ALERTS{{alertstate=\"firing\"}}[{Seconds(time.Length)}]))",
                false)]));
    }

    private void Write(string name, string ruleFile, TimeSpan step, string test)
    {
        File.WriteAllText(Path.Combine(folder, $"{name}.rules.yml"), ruleFile);
        _files.Add(Path.Combine(folder, $"{name}.test.yml"));
        File.WriteAllText(_files[^1],
            $"rule_files: [{name}.rules.yml]\nevaluation_interval: {Seconds(step)}\ngroup_eval_order: [recorded, alerts]\ntests:\n{test}");
    }

    private static string Test(
        string name, TimeSpan step, Timeline[] proxies, IReadOnlySet<string>? metrics,
        IEnumerable<(TimeSpan At, string Query, bool Holds)> asked)
    {
        var text = new StringBuilder($"  - name: {name}\n    interval: {Seconds(step)}\n    input_series:\n");
        foreach (var (series, values) in proxies.SelectMany((p, n) => p.Input(metrics, $"job=\"{Job}\",instance=\"{(char)('a' + n)}\"")))
        {
            text.Append(CultureInfo.InvariantCulture, $"      - series: '{series}'\n        values: '{values}'\n");
        }

        text.Append("    promql_expr_test:\n");
        foreach (var (at, query, holds) in asked)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"      - expr: '{query}'\n        eval_time: {Seconds(at)}\n        exp_samples: " +
                    $"{(holds ? "[{ labels: '{}', value: 1 }]" : "[]")}\n");
        }

        return text.ToString();
    }

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalSeconds}s");
}
