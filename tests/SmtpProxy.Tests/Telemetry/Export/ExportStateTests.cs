using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Telemetry.Export;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Tests.Telemetry.Export;

public sealed class ExportStateTests : ILogger<ExportLog>, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ExportCounts _counts = new();
    private readonly List<string> _lines = [];
    private readonly ExportState _state;

    public ExportStateTests() => _state = new ExportState(ExportSignal.Traces, _counts, _time)
        { Endpoint = "tempo:4318", Log = new ExportLog(this) };

    public void Dispose() => _state.Dispose();

    [Fact]
    public void Failures_OfOneState_AreToldOnceAndCountedAll()
    {
        _state.Failed(3, "HTTP 401 Unauthorized");
        _state.Failed(4, "HTTP 401 Unauthorized");
        _time.Advance(TimeSpan.FromHours(1));
        _state.Failed(5, "HTTP 503 ServiceUnavailable");
        Assert.Equal(
            ["The push of traces to tempo:4318 fails: HTTP 401 Unauthorized. What is not taken is lost, and counted in " +
                "smtpproxy.export.items"], _lines);
        _state.Sent(1);
        _state.Sent(1);
        Assert.Equal("The push of traces to tempo:4318 is well again; 12 items were lost", Assert.Single(_lines.Skip(1)));
        Assert.Equal((2, 12, 0), (Count("exported"), Count("failed"), Count("dropped")));
    }

    [Fact]
    public void Failure_SoonAfterARecovery_IsToldWhenItLasts()
    {
        _state.Failed(1, "a");
        _state.Sent(1);
        _state.Failed(1, "b");
        _state.Sent(1);
        _state.Failed(1, "c");
        Assert.Equal(2, _lines.Count);
        _time.Advance(ExportState.Interval);
        _state.Failed(1, "d");
        Assert.Contains("fails: d", Assert.Single(_lines.Skip(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Drops_OfASlowCollector_AreToldOnce_UntilARequestGoesWithoutAny()
    {
        _state.Dropped(1);
        _state.Dropped(1);
        _state.Sent(8);
        _state.Dropped(1);
        _state.Sent(8);
        Assert.Contains("to tempo:4318 is too slow", Assert.Single(_lines), StringComparison.Ordinal);
        _state.Sent(8);
        Assert.Contains("well again; 3 items were lost", Assert.Single(_lines.Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public void Drops_WhileThePushFails_AreNotToldBesides()
    {
        _state.Failed(8, "a");
        _state.Dropped(1);
        Assert.Single(_lines);
        Assert.Equal(1, Count("dropped"));
    }

    [Fact]
    public void Failure_BeforeThereIsALog_IsToldWhenThereIs()
    {
        _state.Log = null;
        _state.Failed(1, "a");
        _state.Log = new ExportLog(this);
        _state.Failed(1, "b");
        Assert.Single(_lines);
    }

    [Fact]
    public void Series_AllExistFromTheStart() =>
        Assert.Equal(Enumerable.Repeat(0L, 9), Series().Select(static s => s.Value));

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));

    private long Count(string outcome) => Series().Single(s => s.Name == "traces/" + outcome).Value;

    private List<(string Name, long Value)> Series()
    {
        using var meter = new Meter("test");
        var series = new List<(string, long)>();
        using var listener = new MeterListener
            { InstrumentPublished = (i, l) => { if (ReferenceEquals(i.Meter, meter)) { l.EnableMeasurementEvents(i); } } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => series.Add(($"{tags[1].Value}/{tags[0].Value}", value)));
        listener.Start();
        _counts.Publish(meter);
        listener.RecordObservableInstruments();
        return series;
    }
}
