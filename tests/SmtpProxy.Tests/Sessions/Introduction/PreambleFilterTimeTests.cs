using SmtpProxy.Protocol.Connections;
using SmtpProxy.Sessions.Admitting;
using SmtpProxy.Sessions.Introduction;
using SmtpProxy.Transport;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Introduction;

/// <summary>How long a relay may take that is told the client by XCLIENT, and what is recorded of it.</summary>
public sealed class PreambleFilterTimeTests
{
    private const string Offer = "250-mx\r\n250 XCLIENT ADDR PORT\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Introduction_ThatTakesTime_IsRecordedFromTheGreetingOn_AndTheGreetingByItself()
    {
        var bed = Bed();
        bed.Sim.Relay.Waits(2 * Second).Says("220 mx\r\n").Awaits("EHLO proxy.example\r\n").Waits(Second).Says(Offer)
            .Awaits("PORT=40112\r\n").Waits(3 * Second).Says("220 again\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 again\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 again\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.InRange(bed.Record.GetProperty("greeting").GetProperty("ms").GetDouble(), 2_000, 2_010);
        Assert.InRange(bed.Record.GetProperty("xclient").GetProperty("ms").GetDouble(), 4_000, 4_010);
    }

    [Fact]
    public void Greeting_ThatDoesNotComeInTime_IsWaitedForNoLonger_AndTheNextRelayServes()
    {
        var bed = Bed(new SessionLimits { Greeting = 10 * Second, Reply = 20 * Second }, relays: 2);
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits("PORT=40112\r\n").Says("220 again\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 again\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 again\r\n221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal(["relay-0:GreetingFailed", "relay-1:Greeted"], bed.Relays.Reports);
        Assert.InRange(bed.Sim.Elapsed, 10 * Second, 10.1 * Second);
    }

    /// <summary>It is told QUIT, and has a short time to hang up.</summary>
    [Theory]
    [InlineData(false, EndKind.Reset, 5)]
    [InlineData(true, EndKind.Fin, 1)]
    public void Relay_ThatTurnsTheClientAway_IsWaitedForAShortTime(bool hangsUp, EndKind end, int seconds)
    {
        var bed = Bed();
        bed.Sim.Relay.Says("554 no mail\r\n").Awaits("QUIT\r\n");
        if (hangsUp)
        {
            bed.Sim.Relay.Waits(Second).Fin();
        }

        bed.Sim.Client.Awaits("554 no mail\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(("554 no mail\r\n", "QUIT\r\n"), (bed.Sim.Client.Heard, bed.Sim.Relay.Heard));
        Assert.Equal(end, bed.Sim.Relay.End);
        Assert.InRange(bed.Sim.Elapsed, seconds * Second, (seconds + 0.1) * Second);
    }

    /// <summary>The client's FIN goes to the relay after what the proxy has to say itself, and not before.</summary>
    [Fact]
    public void Client_ThatHalfClosesMeanwhile_RelayHearsOfItAfterTheIntroduction()
    {
        var bed = Bed();
        bed.Sim.Client.Says("NOOP\r\n").Fin();
        bed.Sim.Relay.Waits(Second).Says("220 mx\r\n").Awaits("EHLO proxy.example\r\n").Says(Offer).Awaits("PORT=40112\r\n").Waits(Second)
            .Says("220 again\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("PORT=40112\r\nNOOP\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal("220 again\r\n250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal((EndKind.Fin, EndKind.Fin), (bed.Sim.Client.End, bed.Sim.Relay.End));
    }

    private static SessionBed Bed(SessionLimits? limits = null, int relays = 1) =>
        new(limits, relays: relays, identity: RelayIdentity.None with { XClientAs = "proxy.example" });

    /// <summary>A relay that need not be told who the client is greets the client, and not the proxy: no greeting took any time.</summary>
    [Fact]
    public void Connection_WithoutAGreeting_SaysOfNoneThatItTookTime()
    {
        var record = new PreambleRecord(new DialResult(DialOutcome.Connected, null, null, null), began: 100);
        record.Begin(150);
        Assert.Equal((100L, 0L), (record.Connected(200).KeptBack, record.Connected(200).GreetingTook));
        record.Greeted(180);
        Assert.Equal(30, record.Connected(200).GreetingTook);
    }
}
