using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace SmtpProxy.Tests.Sessions;

/// <summary>How often each bound was met, by meter. One listener for all: every one that is alive hears of every instrument that is made, and there are
/// tens of thousands of sessions in these tests.</summary>
internal static class LimitsSeen
{
    private static readonly ConditionalWeakTable<Meter, ConcurrentDictionary<string, long>> _seen = [];
    private static readonly MeterListener _listener = Listen();

    /// <summary>Begins to count what a new meter says; before its instruments are made.</summary>
    public static Func<string, double> On(Meter meter)
    {
        _ = _listener;
        var seen = _seen.GetOrCreateValue(meter);
        return limit => seen.GetValueOrDefault(limit);
    }

    private static MeterListener Listen()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "smtpproxy.limits.hit" && _seen.TryGetValue(instrument.Meter, out var seen))
                {
                    listener.EnableMeasurementEvents(instrument, seen);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, value, tags, seen) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "smtpproxy.limit", Value: string limit })
                {
                    ((ConcurrentDictionary<string, long>)seen!).AddOrUpdate(limit, value, (_, before) => before + value);
                }
            }
        });
        listener.Start();
        return listener;
    }
}
