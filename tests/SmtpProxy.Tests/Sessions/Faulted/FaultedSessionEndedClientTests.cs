using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>A fault has ended the client's side by FIN, and left the relay's as it was: the client may still speak, and hears no
/// more.</summary>
public sealed class FaultedSessionEndedClientTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What the relay still says, and what a fault would have said to it, is sent to nobody, and does not count as sent.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Replies_ThatComeAfterTheClientsEnd_AreNeitherSentNorCounted(bool isThrottled)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Mail, static s => s.Reply = static real =>
            [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Client)])
            .Behind(FaultPoint.Rcpt, static s => s.Reply = static _ => [new ReplyStep.Say("450 injected\r\n"u8.ToArray())])
            .Behind(FaultPoint.Noop, static s => s.Reply = static _ => [new ReplyStep.Say("garbage\r\n"u8.ToArray())]);
        if (isThrottled)
        {
            // What was said before is still on its way when the rest comes.
            faults.At(FaultPoint.Connect, static s => s.Throttle = new ThrottleSpec(10, 10, FromClient: false, FromRelay: true));
        }

        var bed = new SessionBed(faults: faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Says("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nNOOP\r\nVRFY a\r\n").Waits(60 * Second).Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("VRFY a\r\n").Says("250 e\r\n250 a\r\n250 c\r\n250 noop\r\n252 vrfy\r\n")
            .Waits(60 * Second).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("220 mx\r\n250 e\r\n250 a\r\n", bed.Sim.Client.Heard);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(bed.Sim.Client.Heard.Length,
            metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=client"));
        Assert.Equal(bed.Sim.Relay.Said.Length,
            metrics.Sum("smtpproxy.io", "network.io.direction=receive", "smtpproxy.leg=relay"));
        Assert.Equal(0, metrics.Sum("smtpproxy.replies", "smtpproxy.origin=fault"));
        Assert.Equal(6, metrics.Sum("smtpproxy.replies", "smtpproxy.origin=relay"));
        Assert.Equal(["250/250", "/250", "/250"],
            faults.Injections.Where(static i => i.Point != FaultPoint.Connect).Select(static i => $"{i.ClientCode}/{i.RelayCode}"));
    }

    /// <summary>The proxy stops, or nobody says anything for too long: there is nobody to be told.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Session_ThatIsEndedAfterTheClientsEnd_SpeaksToNobody(bool stops)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, static s => s.Reply = static real =>
            [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Client)]);
        var bed = new SessionBed(faults: faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\n").Waits(TimeSpan.FromHours(1));
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Run();
        if (stops)
        {
            bed.Host.DrainAsync(30 * Second);
        }

        bed.Sim.RunToEnd();

        Assert.Equal("220 mx\r\n250 noop\r\n", bed.Sim.Client.Heard);
        Assert.Equal(0, metrics.Sum("smtpproxy.replies", "smtpproxy.origin=proxy"));
        Assert.Equal(bed.Sim.Client.Heard.Length,
            metrics.Sum("smtpproxy.io", "network.io.direction=transmit", "smtpproxy.leg=client"));
    }

    /// <summary>The relay was taken too: what is answered here is heard by nobody, and before the client's end it was.</summary>
    [Theory]
    [InlineData(false, "220 mx\r\n250 noop\r\n", 0)]
    [InlineData(true, "220 mx\r\n250 noop\r\n250 2.0.0 Ok\r\n", 1)]
    public void Commands_AnsweredHereAfterTheClientsEnd_AreNotCounted(bool isLater, string heard, int counted)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Noop, s => s.Reply = real => isLater
            ? [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Relay)]
            : [new ReplyStep.Say(real), new ReplyStep.End(EndKind.Fin, Leg.Client), new ReplyStep.End(EndKind.Fin, Leg.Relay)]);
        var bed = new SessionBed(faults: faults);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.Client.Awaits("\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n").Waits(Second).Says("RSET\r\n").Waits(Second).Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits("NOOP\r\n").Says("250 noop\r\n").Waits(5 * Second).Fin();

        bed.Sim.RunToEnd();

        Assert.Equal(heard, bed.Sim.Client.Heard);
        Assert.Equal(counted, metrics.Sum("smtpproxy.replies", "smtpproxy.origin=fault"));
    }
}
