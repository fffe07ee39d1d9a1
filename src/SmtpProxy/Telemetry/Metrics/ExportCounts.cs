using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Telemetry.Metrics;

/// <summary>What became of the telemetry that was to be pushed. All series exist from the start, so that the first loss is a rise and not a
/// new series. Thread-safe.</summary>
internal sealed class ExportCounts
{
    private static readonly string[] Signals = ["traces", "logs", "metrics"];
    private static readonly string[] Outcomes = ["exported", "failed", "dropped"];
    private readonly long[] _counts = new long[Signals.Length * Outcomes.Length];
    private readonly Tag[][] _tags =
    [
        .. Signals.SelectMany(static _ => Outcomes,
            static (signal, outcome) => new Tag[] { new(Attributes.Outcome, outcome), new(Attributes.Signal, signal) }),
    ];

    /// <summary>The name of a signal in metrics.</summary>
    public static string NameOf(ExportSignal signal) => Signals[(int)signal];

    /// <summary>Creates the instrument.</summary>
    /// <param name="meter">The meter <see cref="Instruments.MeterName"/>.</param>
    public void Publish(Meter meter) =>
        meter.CreateObservableCounter("smtpproxy.export.items", Measure, "{item}", "Telemetry that was to be pushed, by what became of it");

    /// <summary>The collector took them.</summary>
    public void Exported(ExportSignal signal, long items) => Add(signal, 0, items);

    /// <summary>They were sent, and the collector did not take them.</summary>
    public void Failed(ExportSignal signal, long items) => Add(signal, 1, items);

    /// <summary>They were never sent: too many waited.</summary>
    public void Dropped(ExportSignal signal, long items) => Add(signal, 2, items);

    private void Add(ExportSignal signal, int outcome, long items) =>
        Interlocked.Add(ref _counts[((int)signal * Outcomes.Length) + outcome], items);

    private IEnumerable<Measurement<long>> Measure() =>
        _tags.Select((tags, i) => new Measurement<long>(Volatile.Read(ref _counts[i]), tags));
}
