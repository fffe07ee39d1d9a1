using System.Globalization;
using SmtpProxy.Faults.Model;
using SmtpProxy.Rehearsals.Observed;

namespace SmtpProxy.Rehearsals.Expectations;

/// <summary>By how much a metric grew.</summary>
internal sealed class MetricExpectation : Expectation
{
    public static readonly ExpectationKind Kind = new("metric",
        "A metric of the proxy grew by so much (docs/telemetry.md; names as in Prometheus).",
        [
            new("name", FieldKind.Text, "Its name, such as smtpproxy_transactions_total.") { IsRequired = true },
            new("labels", FieldKind.TextList, "Labels that it must have, each as name=value."),
            new("min", FieldKind.Number, "By how much at least.") { Min = 0 },
            new("max", FieldKind.Number, "By how much at most.") { Min = 0 },
        ],
        Create);

    private readonly string _name;
    private readonly Dictionary<string, string> _labels;
    private readonly (double Min, double Max) _limits;

    private MetricExpectation(string name, Dictionary<string, string> labels, (double Min, double Max) limits) =>
        (_name, _labels, _limits) = (name, labels, limits);

    public override string Text => string.Create(CultureInfo.InvariantCulture,
        $"{_name} grows by {_limits.Min:0.###}{(_limits.Max < double.MaxValue ? $" to {_limits.Max:0.###}" : " or more")}");

    public override bool NeedsMetrics => true;

    public override Judgement Judge(Observation seen)
    {
        var grown = seen.MetricsNow.Sum(_name, _labels) - seen.MetricsThen.Sum(_name, _labels);
        return new Judgement(grown >= _limits.Min && grown <= _limits.Max,
            string.Create(CultureInfo.InvariantCulture, $"it grew by {grown:0.###}"));
    }

    private static MetricExpectation Create(Values values, List<RuleError> errors)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in values.Texts("labels"))
        {
            var sign = label.IndexOf('=', StringComparison.Ordinal);
            if (sign < 1)
            {
                errors.Add(new RuleError("labels", $"\"{label}\" is not name=value, such as smtpproxy_outcome=accepted"));
                continue;
            }

            labels[label[..sign]] = label[(sign + 1)..];
        }

        var (min, max) = (values.Number("min") ?? (values.Has("max") ? 0 : 1), values.Number("max") ?? double.MaxValue);
        Between.Check(min, max, errors);
        return new MetricExpectation(values.Text("name")!, labels, (min, max));
    }
}
