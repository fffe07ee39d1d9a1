using System.Diagnostics;
using System.Diagnostics.Metrics;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Metrics.Batching;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SmtpProxy.Tests.Telemetry.Metrics;

public sealed class MeasurementBatchesTests : IDisposable
{
    private static readonly Tag[] Tags = [new("a", "b"), new("c", "d")];
    private readonly Meter _meter = new("test");
    private readonly MeterListener _listener = new();
    private readonly Histogram<long> _numbers;
    private readonly Histogram<double> _seconds;
    private readonly List<(string Name, double Value, string Tags)> _heard = [];
    private readonly List<Activity?> _current = [];

    public MeasurementBatchesTests()
    {
        (_numbers, _seconds) = (_meter.CreateHistogram<long>("numbers"), _meter.CreateHistogram<double>("seconds"));
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Measurement_OfALoop_IsThereWhenItIsAskedFor_AndOnce()
    {
        var batches = new MeasurementBatches(areGathered: true);
        OnALoop(() =>
        {
            batches.Take(_numbers, 7, Tags);
            batches.Take(_seconds, Stopwatch.Frequency / 4, []);
        });
        Assert.Empty(_heard);

        batches.Flush();
        batches.Flush();
        Assert.Equal([("numbers", 7, "a=b,c=d"), ("seconds", 0.25, "")], _heard);
    }

    [Fact]
    public void Measurements_MoreThanARingHolds_AreAllThereInTheirOrder()
    {
        var batches = new MeasurementBatches(areGathered: true);
        const int Count = (3 * MeasurementRing.Size) + 5;
        OnALoop(() =>
        {
            for (var n = 0; n < Count; n++)
            {
                batches.Take(_numbers, n, Tags);
            }
        });
        Assert.Equal(3 * MeasurementRing.Size, _heard.Count);

        batches.Flush();
        Assert.Equal(Enumerable.Range(0, Count).Select(static n => (double)n), _heard.Select(static h => h.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Measurement_OfAThreadOfThePool_OrWhereNothingIsGathered_IsThereAtOnce(bool areGathered)
    {
        var batches = new MeasurementBatches(areGathered);
        if (areGathered)
        {
            await Task.Run(() => batches.Take(_numbers, 7, Tags));
        }
        else
        {
            OnALoop(() => batches.Take(_numbers, 7, Tags));
        }

        Assert.Equal([("numbers", 7, "a=b,c=d")], _heard);
    }

    [Fact]
    public void Measurements_OfSeveralLoopsWhileTheyAreRead_AreEachThereOnce()
    {
        var batches = new MeasurementBatches(areGathered: true);
        const int Count = 100_000;
        var loops = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            for (var n = 0; n < Count; n++)
            {
                batches.Take(_numbers, n, []);
            }
        })).ToList();
        loops.ForEach(static loop => loop.Start());
        while (loops.Exists(static loop => loop.IsAlive))
        {
            batches.Flush();
        }

        batches.Flush();
        Assert.Equal(3 * Count, _heard.Count);
        Assert.Equal(3L * Count * (Count - 1) / 2, _heard.Sum(static h => (long)h.Value));
    }

    [Fact]
    public void Reader_WhoHasATraceOfItsOwn_IsNoExample_AndKeepsIt()
    {
        var batches = new MeasurementBatches(areGathered: true);
        OnALoop(() => batches.Take(_numbers, 7, Tags));
        using var reading = new Activity("GET /metrics").Start();

        batches.Flush();
        Assert.Equal([null], _current);
        Assert.Same(reading, Activity.Current);
    }

    /// <summary>Whoever reads the meter as the SDK does, what is observed first, finds in the histograms what loops measured until then.
    /// </summary>
    [Fact]
    public void Meter_ThatIsRead_HasWhatLoopsMeasured()
    {
        var instruments = new Instruments(_meter, areGathered: true);
        OnALoop(() => instruments.Overhead(Leg.Client, Stopwatch.Frequency));
        Assert.Empty(_heard);

        _listener.RecordObservableInstruments();
        Assert.Contains(("smtpproxy.overhead.duration", 1, "smtpproxy.direction=to_relay"), _heard);
    }

    private static void OnALoop(ThreadStart work)
    {
        var thread = new Thread(work);
        thread.Start();
        thread.Join();
    }

    private void Hear(Instrument instrument, double value, ReadOnlySpan<Tag> tags)
    {
        lock (_heard)
        {
            _heard.Add((instrument.Name, value, string.Join(',', tags.ToArray().Select(static t => $"{t.Key}={t.Value}"))));
            _current.Add(Activity.Current);
        }
    }
}
