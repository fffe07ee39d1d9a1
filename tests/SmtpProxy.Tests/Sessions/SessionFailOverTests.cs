using Microsoft.Extensions.Logging;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions;
using SmtpProxy.Telemetry;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions;

/// <summary>While a relay that has left is replaced by another, the session is as it was before the first.</summary>
public sealed class SessionFailOverTests
{
    private const string Stopping = "421 4.3.2 Service is restarting, please try again\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Client_ThatSpeaksWhileTheNextIsDialled_IsHeardByIt()
    {
        var bed = Left("");
        bed.Sim.Dials.Then(DialOutcome.Connected, 3 * Second);
        bed.Sim.Client.Waits(2 * Second).Says("EHLO early\r\n").Awaits("250 mx\r\n").Fin();
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("EHLO early\r\n").Says("250 mx\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(("", "EHLO early\r\n"), (bed.Sim.Relays(0).Heard, bed.Sim.Relays(1).Heard));
        Assert.Equal("220 mx\r\n250 mx\r\n", bed.Sim.Client.Heard);
    }

    /// <summary>There is no relay to take leave of.</summary>
    [Fact]
    public void Stop_WhileTheNextIsDialled_TurnsTheClientAwayAtOnce()
    {
        var bed = Left("");
        bed.Sim.Dials.ThenNothing();
        bed.Sim.Client.Awaits("421").Fin();
        bed.Sim.Pass(2 * Second);
        Assert.Equal("", bed.Sim.Client.Heard);
        bed.Host.DrainAsync(TimeSpan.FromMinutes(1));
        bed.Sim.Pass(Second);
        Assert.Equal((Stopping, true), (bed.Sim.Client.Heard, bed.Sim.IsClosed));
        Assert.Equal(["relay-0:GreetingFailed"], bed.Relays.Reports);
    }

    /// <summary>One that has spoken, or to which was spoken, is not replaced.</summary>
    [Theory]
    [InlineData("220-mx\r\n", "", EndKind.Fin)]
    [InlineData("", "EHLO early\r\n", EndKind.Reset)]
    public void Relay_ThatLeavesAfterAWord_IsNotReplaced(string greeting, string early, EndKind how)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Client.Says(early);
        bed.Sim.Run();
        bed.Sim.Relay.Says(greeting).Waits(Second);
        bed.Sim.Pass(2 * Second);
        bed.Sim.Relay.EndsNow(how);
        bed.Sim.Run();
        Assert.Equal((greeting, how), (bed.Sim.Client.Heard, bed.Sim.Client.End));
        Assert.Single(bed.Sim.Dials.Targets);
    }

    [Fact]
    public void Client_ThatHasHalfClosed_KeepsItsRelay_WhichIsToldSo()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Client.Fin();
        bed.Sim.Run();
        Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
        bed.Sim.Relay.Fin();
        bed.Sim.Run();
        Assert.Single(bed.Sim.Dials.Targets);
        Assert.True(bed.Sim.IsClosed);
    }

    /// <summary>Whose words they are, and where the session went, is what its record says.</summary>
    [Theory]
    [InlineData(true, "the relay sent no greeting in time")]
    [InlineData(false, "the relay closed the connection before its greeting")]
    public void Relay_ThatIsLeft_IsLoggedWithItsCause_AndTheNextIsTheSessions(bool isSilent, string cause)
    {
        var log = new Lines();
        var bed = new SessionBed(relays: 2, log: log);
        if (!isSilent)
        {
            bed.Sim.Relays(0).Waits(Second).Fin();
        }

        bed.Sim.Client.Awaits("220 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("Session moved from relay relay-0 to relay-1: " + cause, Assert.Single(log.Said));
        Assert.Equal("relay-1", bed.Record.GetProperty("destination").GetString());
    }

    /// <summary>The next one has as long for its greeting as the first one had.</summary>
    [Fact]
    public void Relays_ThatAreAllSilent_AreWaitedForOneAfterTheOther()
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Pass(TimeSpan.FromMinutes(5) + Second);
        Assert.Equal(2, bed.Sim.Dials.Targets.Count);
        bed.Sim.Pass(TimeSpan.FromMinutes(5) - (3 * Second));
        Assert.Equal("", bed.Sim.Client.Heard);
        bed.Sim.Pass(5 * Second);
        Assert.Equal("421 4.4.2 Timeout: the relay did not answer in time, closing the connection\r\n", bed.Sim.Client.Heard);
        Assert.Equal(1, bed.Limits("greeting_timeout"));
    }

    /// <summary>A trace that nothing else would keep is kept, since it shows which relay was silent.</summary>
    [Fact]
    public void Relay_ThatIsLeft_IsAReasonToKeepTheTrace()
    {
        SessionTracer tracer = null!;
        SpanProbe spans = null!;
        var bed = new SessionBed(relays: 2, traces: instruments =>
        {
            tracer = new SessionTracer(new TelemetryOptions { SampleShare = 0 }, instruments);
            spans = new SpanProbe(tracer.Source);
            return tracer;
        });
        using var both = tracer;
        using var heard = spans;
        bed.Sim.Relays(0).Waits(Second).Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("quit", spans["SMTP session"].GetTagItem("smtpproxy.outcome"));
    }

    /// <summary>The first relay says this much of a greeting and leaves after a second.</summary>
    private static SessionBed Left(string greeting)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Dials.Then(DialOutcome.Connected);
        bed.Sim.Relays(0).Says(greeting).Waits(Second).Fin();
        return bed;
    }

    private sealed class Lines : ILogger<SessionHost>
    {
        public List<string> Said { get; } = [];

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Said.Add(formatter(state, exception));

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;
    }
}
