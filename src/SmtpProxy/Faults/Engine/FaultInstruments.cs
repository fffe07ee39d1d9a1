using System.Diagnostics.Metrics;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Faults.Engine;

/// <summary>The instruments of faults. A rule's name is an attribute: there are few, and only an operator makes them.</summary>
public sealed class FaultInstruments
{
    /// <summary>Why a rule that matched did not strike.</summary>
    private static readonly string[] Reasons = ["halted", "disabled", "expired", "encrypted", "not_terminated", "not_sampled", "budget",
        "conflict", "fleet"];

    private readonly Meter _meter;
    private readonly CellsBy<(string Rule, string Action, FaultPoint Point, DeliveryEffect Effect)> _injected;
    private readonly CellsBy<(string Rule, string Reason)> _skipped;
    private readonly Histogram<double> _delay;
    private Func<IEnumerable<(FaultRule Rule, bool Armed)>>? _rules;

    /// <summary>Creates them.</summary>
    /// <param name="meter">The meter SmtpProxy.</param>
    public FaultInstruments(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _meter = meter;
        var (injected, skipped) = (new Cells(), new Cells());
        _injected = new(injected, static k =>
        [
            new(Attributes.FaultRule, k.Rule), new(Attributes.FaultAction, k.Action), new(Attributes.FaultPoint, FaultNames.Of(k.Point)),
            new(Attributes.FaultEffect, FaultNames.Of(k.Effect)),
        ]);
        _skipped = new(skipped, static k => [new(Attributes.FaultRule, k.Rule), new(Attributes.FaultReason, k.Reason)]);
        meter.CreateObservableCounter("smtpproxy.faults.injected", () =>
        {
            _injected.Show(Rules.Select(static r => (r.Id, r.Action.Name, r.At, r.Action.EffectAt(r.At))));
            return injected.Measure();
        }, "{fault}", "Faults injected on purpose");
        meter.CreateObservableCounter("smtpproxy.faults.skipped", () =>
        {
            _skipped.Show(Rules.SelectMany(static r => Reasons.Select(reason => (r.Id, reason))));
            return skipped.Measure();
        }, "{fault}", "Faults that matched and were not injected, by reason");
        _delay = meter.CreateHistogram<double>("smtpproxy.faults.added_delay", "s", "Delay that faults added; no other latency contains it",
            null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Seconds });
    }

    private IEnumerable<FaultRule> Rules => _rules?.Invoke().Select(static r => r.Rule) ?? [];

    /// <summary>Takes from where it is known whether each rule is armed. Called at each collection.</summary>
    public void Observe(Func<IEnumerable<(FaultRule Rule, bool Armed)>> rules)
    {
        _rules = rules;
        _meter.CreateObservableGauge(
            "smtpproxy.faults.active",
            () => rules().Select(static r => new Measurement<long>(
                r.Armed ? 1 : 0,
                new KeyValuePair<string, object?>(Attributes.FaultRule, r.Rule.Id),
                new KeyValuePair<string, object?>(Attributes.FaultAction, r.Rule.Action.Name),
                new KeyValuePair<string, object?>(Attributes.FaultPoint, FaultNames.Of(r.Rule.At)))),
            "{rule}",
            "1 while a rule is armed, 0 while it is not");
    }

    /// <summary>A fault is over.</summary>
    public void Injected(Injection injection)
    {
        ArgumentNullException.ThrowIfNull(injection);
        _injected[(injection.Rule, injection.Action, injection.Point, injection.Effect)].Increment();
        if (injection.AddedDelay > TimeSpan.Zero)
        {
            _delay.Record(
                injection.AddedDelay.TotalSeconds,
                new KeyValuePair<string, object?>(Attributes.FaultRule, injection.Rule),
                new KeyValuePair<string, object?>(Attributes.FaultPoint, FaultNames.Of(injection.Point)));
        }
    }

    /// <summary>A fault was not injected.</summary>
    public void Skipped(string rule, string reason) => _skipped[(rule, reason)].Increment();
}
