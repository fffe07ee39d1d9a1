using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What strikes that take time do on the wire, in virtual time.</summary>
public sealed class FaultedSessionTimeTests
{
    /// <summary>The dialogue is lost while a reply waits for a fault: what comes later waits behind it.</summary>
    [Fact]
    public void Reply_HeldWhenTheRelayIsLost_GoesBeforeWhatComesLater()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = TimeSpan.FromSeconds(5));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\nTURN\r\n").Waits(TimeSpan.FromSeconds(20)).Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("TURN\r\n").Says("250 noop\r\n250 turned\r\n").Waits(TimeSpan.FromSeconds(1))
            .Says("EHLO relay\r\n")
            .Waits(TimeSpan.FromSeconds(15)).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.Greeting + "250 noop\r\n250 turned\r\nEHLO relay\r\n", bed.Sim.Client.Heard);
    }

    [Fact]
    public void Greeting_DelayedBeforeDial_RelayIsDialledLateAndLatencyStaysClean()
    {
        var faults = new FakeFaults().At(FaultPoint.Greeting, static s => s.BeforeDial = TimeSpan.FromSeconds(35));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.Pass(TimeSpan.FromSeconds(34));
        Assert.Empty(bed.Sim.Dials.Targets);
        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        var greeting = bed.Record.GetProperty("greeting").GetProperty("ms").GetDouble();
        Assert.InRange(greeting, 0, 10);
        Assert.InRange(bed.Record.GetProperty("proxy_ms").GetDouble(), 35_000, 35_100);
        Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), 35_000, 35_100);
        Assert.InRange(Assert.Single(faults.Injections).AddedDelay.TotalSeconds, 34.9, 35.1);
        Assert.Equal(220, faults.Injections[0].ClientCode);
    }

    [Fact]
    public void Reply_DelayedLongerThanEveryLimit_NobodyTimesOutAndAHaltReleasesItAtOnce()
    {
        var faults = new FakeFaults().At(FaultPoint.Mail, static s => s.BeforeReply = TimeSpan.FromHours(2));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.Pass(TimeSpan.FromHours(1));
        Assert.DoesNotContain("2.1.0", bed.Sim.Client.Heard, StringComparison.Ordinal);
        faults.Halt();
        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.True(faults.Injections.Single().Released);
        Assert.InRange(bed.Record.GetProperty("exchanges").EnumerateArray().First(static e => e.GetProperty("verb").GetString() == "MAIL")
            .GetProperty("ms").GetDouble(), 0, 10);
    }

    /// <summary>A fault that has struck holds only when the relay has replied: what is halted between does not hold at all.</summary>
    [Fact]
    public void Reply_NotThereYetWhenAHaltComes_IsNotHeldWhenItIs()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = TimeSpan.FromHours(2));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\nNOOP\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("NOOP\r\nNOOP\r\n").Waits(TimeSpan.FromMinutes(1)).Says("250 one\r\n250 two\r\n")
            .Waits(TimeSpan.FromMinutes(1)).Fin();
        bed.Sim.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal("NOOP\r\nNOOP\r\n", bed.Sim.Relay.Heard);

        faults.Halt();
        bed.Sim.Pass(TimeSpan.FromSeconds(31));

        Assert.EndsWith("250 one\r\n250 two\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal([true, true], faults.Injections.Select(static injection => injection.Released));
    }

    [Fact]
    public void Reply_HeldWhileTheRelayLeaves_BothConnectionsAreClosedWithTheClients()
    {
        var faults = new FakeFaults().At(FaultPoint.Quit, static s => s.BeforeReply = TimeSpan.FromSeconds(1));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        // Not when the time for half-closed connections is over.
        Assert.InRange(bed.Record.GetProperty("duration_ms").GetDouble(), 1_000, 1_100);
    }

    [Fact]
    public void Command_HeldBeforeTheRelay_WaitsWithAllThatIsBehindIt()
    {
        var faults = new FakeFaults().At(FaultPoint.Rcpt, static s => s.BeforeForward = TimeSpan.FromSeconds(10));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Dialogues.Body(100));

        bed.Sim.Pass(TimeSpan.FromSeconds(9));
        Assert.EndsWith("MAIL FROM:<a@example.org>\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
    }

    [Fact]
    public void Age_Reached_SessionIsEndedWithoutBeingAsked()
    {
        var faults = new FakeFaults { Age = TimeSpan.FromSeconds(30) }.At(FaultPoint.Elapsed, static s =>
            s.Reply = static _ => [new ReplyStep.Say("421 4.3.2 injected\r\n"u8.ToArray()), new ReplyStep.End(EndKind.Fin)]);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("421").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply);

        bed.Sim.RunToEnd();

        Assert.EndsWith("421 4.3.2 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("fault", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>Whoever makes the proxy say more than may go is not read on, at once and not when something happens next.</summary>
    [Fact]
    public void Client_WhoseAnswersFillWhatIsThrottled_IsNotReadOn()
    {
        var faults = new FakeFaults().At(FaultPoint.Connect,
            static s => s.Throttle = new ThrottleSpec(1, 1, FromClient: false, FromRelay: true));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Relay.Says(string.Concat(Enumerable.Repeat("220-" + new string('x', 94) + "\r\n", 655)) + "220 mx\r\n");
        bed.Sim.Run();
        Assert.False(bed.Sim.Pair.ClientLeg.IsPaused);
        bed.Sim.Client.Says("XCLIENT ADDR=192.0.2.1\r\n");
        bed.Sim.Run();
        Assert.True(bed.Sim.Pair.ClientLeg.IsPaused);
    }

    [Fact]
    public void Octets_Throttled_ArriveWholeAndInTime()
    {
        var faults = new FakeFaults().At(FaultPoint.Connect,
            static s => s.Throttle = new ThrottleSpec(1000, 100, FromClient: true, FromRelay: false));
        var bed = new SessionBed(faults: faults);
        var body = Dialogues.Body(10_000);
        Dialogues.OneMessage(bed.Sim, body);

        bed.Sim.RunToEnd();

        Assert.Equal(Dialogues.ClientOf(body), bed.Sim.Relay.Heard);
        Assert.InRange(bed.Sim.Elapsed.TotalSeconds, 9, 12);
    }
}
