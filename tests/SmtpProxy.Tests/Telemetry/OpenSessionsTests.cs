using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Failures;
using SmtpProxy.Telemetry.Metrics;
using SmtpProxy.Telemetry.Privacy;

namespace SmtpProxy.Tests.Telemetry;

/// <summary>A session that hangs is seen while it hangs, and what is waited for, and since when.</summary>
public sealed class OpenSessionsTests : IDisposable, ILogger<WaitLog>
{
    private readonly Meter _meter = new(Instruments.MeterName);
    private readonly MetricsProbe _probe;
    private readonly Clock _clock = new();
    private readonly List<string> _log = [];
    private readonly OpenSessions _sessions;
    private readonly Conversation _talk;

    public OpenSessionsTests()
    {
        _probe = new MetricsProbe(_meter);
        var privacy = new PrivacyOptions().ToFilter();
        _sessions = new OpenSessions(_meter, _clock);
        _talk = new Conversation(new ProxyTelemetry(new Instruments(_meter), new ProcessGauges(_meter, null, TimeProvider.System), null,
            () => privacy, TimeProvider.System)
        {
            Sessions = _sessions,
        });
    }

    public void Dispose()
    {
        _talk.Dispose();
        _probe.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Relay_ThatAcceptsAndIsSilent_IsWaitedForAndTheAgeGrows()
    {
        _talk.Connect();
        Assert.Equal(("greeting", 1, 42), Waiting(after: 42_000));
        Assert.Equal(("greeting", 1, 100), Waiting(after: 100_000));
    }

    [Fact]
    public void Session_FromGreetingToTheEnd_WaitsForThis()
    {
        _talk.Greet();
        Assert.Equal("client_command", Waiting(1000).For);
        _talk.Wait(1).Client("MAIL FROM:<a@example.org>");
        Assert.Equal("mail", Waiting(1000).For);
        _talk.Wait(1).Relay("250 ok").Ask("RCPT TO:<b@example.net>", "250 ok").Ask("DATA", "354 go");
        Assert.Equal("client_message", Waiting(1000).For);
        _talk.Wait(1).Client("hi", ".");
        Assert.Equal(("end_of_data", 1, 300), Waiting(300_000));
        _talk.Wait(1).Relay("250 ok").Over();
        Assert.All(_probe.All("smtpproxy.sessions.waiting"), static s => Assert.Equal(0, s.Value));
        Assert.Empty(_sessions.Now());
    }

    [Fact]
    public void Reply_OneOfSeveralCame_TheNextIsWaitedForSinceThen()
    {
        _talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "RCPT TO:<c@example.net>").Wait(5000)
            .Relay("250 ok", "250 ok");
        Assert.Equal(("rcpt", 1, 7), Waiting(7000));
    }

    [Fact]
    public void Octets_HeldForAFault_AreNotTheRelays()
    {
        _talk.Greet().Wait(1).Client("MAIL FROM:<a@example.org>");
        _talk.Held.HeldSince = Conversation.Ticks(_talk.Now);
        Assert.Equal(("fault", 1, 60), Waiting(60_000));
        (_talk.Held.HeldSince, _talk.Held.ReleasedAt, _talk.Held.Held) =
            (0, Conversation.Ticks(_talk.Now + 60_000), Conversation.Ticks(60_000));
        Assert.Equal(("mail", 1, 1), Waiting(61_000));
    }

    [Fact]
    public void Wait_BeyondTheThreshold_IsLoggedOnceAMinute()
    {
        var watch = new WaitWatch(_sessions, new WaitLog(TimeSpan.FromSeconds(30), this, _clock), _clock);
        _talk.Connect();
        Look(29);
        Assert.Empty(_log);
        Look(31);
        Assert.Equal([$"1 sessions wait for relay mx1 of cluster relays (greeting), the first of them, {_talk.Session.Id}, since 31 s"],
            _log);
        Look(32);
        Assert.Single(_log);
        Look(91);
        Assert.Equal(2, _log.Count);

        void Look(double seconds)
        {
            _clock.Ticks = Conversation.Ticks(_talk.Now + (seconds * 1000));
            watch.Look();
        }
    }

    [Fact]
    public void Wait_ForAClient_IsNotLogged()
    {
        _talk.Greet();
        _clock.Ticks = Conversation.Ticks(_talk.Now + 1_000_000);
        new WaitWatch(_sessions, new WaitLog(TimeSpan.FromSeconds(30), this, _clock), _clock).Look();
        Assert.Empty(_log);
    }

    [Fact]
    public void Threshold_Zero_LogsNothing()
    {
        _talk.Connect();
        _clock.Ticks = Conversation.Ticks(_talk.Now + 1_000_000);
        new WaitWatch(_sessions, new WaitLog(TimeSpan.Zero, this, _clock), _clock).Look();
        Assert.Empty(_log);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _log.Add(formatter(state, exception));

    /// <summary>What is waited for so many milliseconds after the last event, by how many, and for how many seconds.</summary>
    private (string For, int Count, double Seconds) Waiting(double after)
    {
        _clock.Ticks = Conversation.Ticks(_talk.Now + after);
        var count = Assert.Single(_probe.All("smtpproxy.sessions.waiting"), static s => s.Value > 0);
        var what = count.Attributes.Single(static a => a.StartsWith("smtpproxy.waiting_for=", StringComparison.Ordinal));
        var oldest = Assert.Single(_probe.All("smtpproxy.sessions.waiting.oldest"), s => s.Has([.. count.Attributes]));
        return (what.Split('=')[1], (int)count.Value, Math.Round(oldest.Value));
    }

    private sealed class Clock : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => Stopwatch.Frequency;

        public override long GetTimestamp() => Ticks;
    }
}
