using System.Diagnostics;
using System.Text.Json;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tests.Live;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>When a session began: when its connection came, however late a busy process notes it.</summary>
public sealed class ProxyTelemetryTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Came = Noon - TimeSpan.FromMilliseconds(400);

    [Fact]
    public void Journal_SessionNotedLate_BeganWhenItsConnectionCame()
    {
        using var talk = new Conversation(time: new LateClock(400));
        talk.Greet().Ask("QUIT", "221 2.0.0 Bye").Over();

        var line = talk.Line();
        Assert.Equal(Unix(Came), line.GetProperty("started_unix").GetDouble(), 3);
        Assert.Equal(Unix(Came) + (talk.Now / 1000), Unix(line.GetProperty("time").GetDateTimeOffset()), 2);
    }

    [Fact]
    public void Trace_SessionNotedLate_BeganWhenItsConnectionCame()
    {
        using var talk = new Conversation(traces: new TelemetryOptions { SampleShare = 1 }, time: new LateClock(400));
        talk.Greet().Ask("QUIT", "221 2.0.0 Bye").Over();

        var root = talk.Spans![SpanNames.Session];
        Assert.Equal(Came.UtcDateTime, root.StartTimeUtc);
        Assert.Equal(Unix(Came), talk.Line().GetProperty("started_unix").GetDouble(), 3);
    }

    [Fact]
    public void LivePage_SessionNotedLate_BeganWhenItsConnectionCame()
    {
        using var talk = new LiveTalk(time: new LateClock(400));
        var kept = talk.Deliver();

        Assert.Equal(Came.ToUnixTimeMilliseconds(), kept.Facts.StartedMs);
        // All its times run from there: the relay was dialled at once, and greeted after 3 ms.
        var detail = JsonDocument.Parse(kept.Detail).RootElement;
        Assert.Equal(Unix(Came), detail.GetProperty("started_unix").GetDouble(), 3);
        Assert.Equal(3, detail.GetProperty("greeting").GetProperty("end_ms").GetDouble(), 1.0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(3_600_000)]
    public void Journal_ClockThatIsNotTheTransports_BeginsNow(long late)
    {
        using var talk = new Conversation(time: new LateClock(late));
        talk.Greet().Ask("QUIT", "221 2.0.0 Bye").Over();
        Assert.Equal(Unix(Noon), talk.Line().GetProperty("started_unix").GetDouble(), 3);
    }

    private static double Unix(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>Noon, so many milliseconds after the connection of a <see cref="Conversation"/> came.</summary>
    private sealed class LateClock(double late) : TimeProvider
    {
        public override long TimestampFrequency => Stopwatch.Frequency;

        public override long GetTimestamp() => Conversation.Ticks(late);

        public override DateTimeOffset GetUtcNow() => Noon;
    }
}
