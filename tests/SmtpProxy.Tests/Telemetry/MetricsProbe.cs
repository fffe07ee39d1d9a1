using System.Diagnostics.Metrics;
using System.Globalization;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>Everything that was measured on one meter, in order.</summary>
internal sealed class MetricsProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<Sample> _events = [];
    private List<Sample> _observed = [];

    public MetricsProbe(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Add(i, value, tags));
        _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Add(i, value, tags));
        _listener.SetMeasurementEventCallback<int>((i, value, tags, _) => Add(i, value, tags));
        _listener.Start();
    }

    /// <summary>The measurements of an instrument: what was recorded, or for observable ones what they say now, without the series of
    /// counters that have not counted yet.</summary>
    public IReadOnlyList<Sample> this[string instrument] => [.. All(instrument).Where(static s => !s.IsUncounted)];

    /// <summary>The same with the series of counters that are at 0.</summary>
    public IReadOnlyList<Sample> All(string instrument)
    {
        _observed = [];
        _listener.RecordObservableInstruments();
        return [.. _events.Concat(_observed).Where(s => s.Instrument == instrument)];
    }

    /// <summary>The sum of an instrument over all samples that have all of these attributes, written <c>name=value</c>.</summary>
    public double Sum(string instrument, params string[] attributes) => this[instrument].Where(s => s.Has(attributes)).Sum(s => s.Value);

    /// <summary>The one sample that has all of these attributes.</summary>
    public Sample Single(string instrument, params string[] attributes) => Assert.Single(this[instrument], s => s.Has(attributes));

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var attributes = new List<string>();
        foreach (var tag in tags)
        {
            attributes.Add(string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}"));
        }

        (instrument.IsObservable ? _observed : _events)
            .Add(new Sample(instrument.Name, value, attributes, IsUncounted: value == 0 && instrument is ObservableCounter<long>));
    }

    internal sealed record Sample(string Instrument, double Value, IReadOnlyList<string> Attributes, bool IsUncounted)
    {
        public bool Has(params string[] attributes) => attributes.All(Attributes.Contains);
    }
}
