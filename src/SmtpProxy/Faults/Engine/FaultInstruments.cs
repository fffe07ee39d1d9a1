using System.Diagnostics.Metrics;
using SmtpProxy.Faults.Rules;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Faults.Engine;

/// <summary>The instruments of faults. A rule's name is an attribute: there are few, and only an operator makes them.</summary>
public sealed class FaultInstruments
{
    private readonly Meter _meter;
    private readonly Counter<long> _injected;
    private readonly Counter<long> _skipped;
    private readonly Histogram<double> _delay;

    /// <summary>Creates them.</summary>
    /// <param name="meter">The meter SmtpProxy.</param>
    public FaultInstruments(Meter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        _meter = meter;
        _injected = meter.CreateCounter<long>("smtpproxy.faults.injected", "{fault}", "Faults injected on purpose");
        _skipped = meter.CreateCounter<long>("smtpproxy.faults.skipped", "{fault}", "Faults that matched and were not injected, by reason");
        _delay = meter.CreateHistogram<double>("smtpproxy.faults.added_delay", "s", "Delay that faults added; no other latency contains it", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets.Seconds });
    }

    /// <summary>Takes from where it is known whether each rule is armed. Called at each collection.</summary>
    public void Observe(Func<IEnumerable<(FaultRule Rule, bool Armed)>> rules) => _meter.CreateObservableGauge(
        "smtpproxy.faults.active",
        () => rules().Select(static r => new Measurement<long>(
            r.Armed ? 1 : 0,
            new KeyValuePair<string, object?>(Attributes.FaultRule, r.Rule.Id),
            new KeyValuePair<string, object?>(Attributes.FaultAction, r.Rule.Action.Name),
            new KeyValuePair<string, object?>(Attributes.FaultPoint, FaultNames.Of(r.Rule.At)))),
        "{rule}",
        "1 while a rule is armed, 0 while it is not");

    /// <summary>A fault is over.</summary>
    public void Injected(Injection injection)
    {
        ArgumentNullException.ThrowIfNull(injection);
        _injected.Add(
            1,
            new KeyValuePair<string, object?>(Attributes.FaultRule, injection.Rule),
            new KeyValuePair<string, object?>(Attributes.FaultAction, injection.Action),
            new KeyValuePair<string, object?>(Attributes.FaultPoint, FaultNames.Of(injection.Point)),
            new KeyValuePair<string, object?>(Attributes.FaultEffect, FaultNames.Of(injection.Effect)));
        if (injection.AddedDelay > TimeSpan.Zero)
        {
            _delay.Record(
                injection.AddedDelay.TotalSeconds,
                new KeyValuePair<string, object?>(Attributes.FaultRule, injection.Rule),
                new KeyValuePair<string, object?>(Attributes.FaultPoint, FaultNames.Of(injection.Point)));
        }
    }

    /// <summary>A fault was not injected.</summary>
    public void Skipped(string rule, string reason) => _skipped.Add(
        1,
        new KeyValuePair<string, object?>(Attributes.FaultRule, rule),
        new KeyValuePair<string, object?>(Attributes.FaultReason, reason));
}
