using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tests.Telemetry;
using SmtpProxy.Upstreams.Relays;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What metrics say of sessions whose client and relay hear different things.</summary>
public sealed class FaultFilterRecordTests
{
    private const string Ehlo = "250-mx\r\n250-XCLIENT ADDR PORT\r\n250 SIZE\r\n";

    public static TheoryData<string> Scripts =>
        ["nothing strikes", "rewritten", "malformed", "truncated", "reset is hidden", "the relay is told the client"];

    /// <summary>Octets are counted where they are read and written, whoever said them.</summary>
    [Theory]
    [MemberData(nameof(Scripts))]
    public void Octets_OfEachLegAndDirection_AreCountedAsTheyPassedIt(string script)
    {
        var bed = BedOf(script);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.RunToEnd();

        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        Assert.Equal(
            [client.Said.Length, client.Heard.Length, relay.Said.Length, relay.Heard.Length],
            new[] { ("receive", "client"), ("transmit", "client"), ("receive", "relay"), ("transmit", "relay") }
                .Select(kind => metrics.Sum("smtpproxy.io", "network.io.direction=" + kind.Item1, "smtpproxy.leg=" + kind.Item2)));
    }

    /// <summary>The relay's reply is one, whatever the client gets in its place, or after it; and so is what
    /// the client got of a fault.</summary>
    [Theory]
    [InlineData("nothing strikes", 1, 0)]
    [InlineData("rewritten", 1, 1)]
    [InlineData("malformed", 1, 0)]
    [InlineData("truncated", 1, 0)]
    [InlineData("reset is hidden", 0, 1)]
    public void RelaysReply_ThatTheClientHearsOrNot_IsCountedOnce(string script, int relays, int faults)
    {
        var bed = BedOf(script);
        using var metrics = new MetricsProbe(bed.Meter);
        bed.Sim.RunToEnd();

        Assert.Equal(relays, metrics.Sum("smtpproxy.replies", "smtp.operation.name=data", "smtpproxy.origin=relay"));
        Assert.Equal(faults, metrics.Sum("smtpproxy.replies", "smtp.operation.name=data", "smtpproxy.origin=fault"));
    }

    private static SessionBed BedOf(string script)
    {
        var isTold = script == "the relay is told the client";
        var bed = isTold ? new SessionBed(identity: RelayIdentity.None with { XClientAs = "proxy.example" })
            : new SessionBed(faults: FaultsOf(script));
        var (client, relay) = (bed.Sim.Client, bed.Sim.Relay);
        relay.Says("220 mx\r\n");
        if (isTold)
        {
            relay.Awaits("EHLO proxy.example\r\n").Says(Ehlo).Awaits("PORT=40112\r\n").Says("220 again\r\n");
        }

        // The guard answers XCLIENT, and hides it in the reply to EHLO.
        client.Awaits("220 ").Awaits("\r\n").Says("EHLO c\r\n").Awaits("SIZE\r\n").Says("XCLIENT ADDR=192.0.2.1\r\n").Awaits("550 ")
            .Awaits("\r\n")
            .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
        relay.Awaits("EHLO c\r\n").Says(Ehlo).Awaits("RCPT TO:<c@d>\r\n").Says("250 ok\r\n250 ok\r\n");
        switch (script)
        {
            case "reset is hidden":
                relay.Awaits("RSET\r\n").Says("250 reset\r\n");
                client.Awaits("451 ");
                break;
            case "truncated":
                relay.Awaits("DATA\r\n").Says("554 5.5.1 no\r\n");
                client.Awaits("554").Fin();
                return bed;
            default:
                relay.Awaits("DATA\r\n").Says("554 5.5.1 no\r\n");
                client.Awaits(script == "rewritten" ? "451 " : "554 ");
                break;
        }

        client.Awaits("\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        return bed;
    }

    private static FakeFaults FaultsOf(string script)
    {
        var injected = new ReplyStep.Say("451 4.3.0 injected\r\n"u8.ToArray());
        return script switch
        {
            "rewritten" => new FakeFaults().Behind(FaultPoint.Data, s => s.Reply = _ => [injected]),
            "malformed" => new FakeFaults()
                .Behind(FaultPoint.Data, static s => s.Reply = static real =>
                    [new ReplyStep.Say("garbage\r\n"u8.ToArray()), new ReplyStep.Say(real)]),
            "truncated" => new FakeFaults()
                .Behind(FaultPoint.Data, static s => s.Reply = static real =>
                    [new ReplyStep.Say(real[..5]), new ReplyStep.End(EndKind.Fin)]),
            "reset is hidden" => new FakeFaults().At(FaultPoint.Data, s => (s.Withhold, s.Reply) = (true, _ => [injected])),
            _ => new FakeFaults().Behind(FaultPoint.Quit, static _ => { }),
        };
    }
}
