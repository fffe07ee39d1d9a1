using System.Diagnostics.Metrics;

namespace SmtpProxy.Telemetry.Export;

/// <summary>
/// Listens to what the SDK counts of its own queues: items that found no room, and how many go into the request that comes next. The
/// exporters themselves tell nobody.
/// </summary>
internal sealed class SdkCounters : IDisposable
{
    private const string Meter = "otel.sdk.experimental";
    private const string Why = "error.type";

    /// <summary>What the SDK's thread is about to send; it counts just before it sends.</summary>
    [ThreadStatic]
    private static long _batch;

    private readonly MeterListener _listener = new();

    public SdkCounters(ExportState traces, ExportState logs)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Meter && StateOf(instrument.Name) is { } state)
            {
                listener.EnableMeasurementEvents(instrument, state);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Counted);
        _listener.Start();

        ExportState? StateOf(string counter) => counter switch
        {
            "otel.sdk.processor.span.processed" => traces,
            "otel.sdk.processor.log.processed" => logs,
            _ => null,
        };
    }

    /// <summary>How many items the request holds that this thread is about to send.</summary>
    public static long TakeBatch()
    {
        var batch = _batch;
        _batch = 0;
        return batch;
    }

    public void Dispose() => _listener.Dispose();

    private static void Counted(Instrument instrument, long items, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var export = (ExportState)state!;
        foreach (var tag in tags)
        {
            if (tag.Key == Why)
            {
                export.Dropped(items);
                return;
            }
        }

        if (TakeBatch() is > 0 and var unsent)
        {
            export.Failed(unsent, "no request could be made of it");
        }

        _batch = items;
    }
}
