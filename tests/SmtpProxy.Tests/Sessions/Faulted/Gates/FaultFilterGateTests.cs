using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Tls;

namespace SmtpProxy.Tests.Sessions.Faulted.Gates;

/// <summary>When a session is looked at, and at which points it is asked about.</summary>
public sealed class FaultFilterGateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What rules look at passes by them; what none does the transport may move by itself.</summary>
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 200_000)]
    public void Chunk_IsMovedWithoutBeingShown_OnlyWhereNoRuleIsArmed(bool isArmed, int moved)
    {
        var bed = AtRest(new FakeFaults { IsArmed = isArmed });
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n").Awaits("250 c\r\n").Says("BDAT 200000 LAST\r\n");
        bed.Sim.Relay.Awaits("RCPT TO:<c@d>\r\n").Says("250 a\r\n250 c\r\n");
        bed.Sim.Run();
        Assert.Equal(moved, bed.Sim.Pair.ClientLeg.Splice);
        bed.Sim.Client.Says(new byte[200_000]).Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("QUIT\r\n").Says("250 queued\r\n221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal(200_000, bed.Record.GetProperty("transactions")[0].GetProperty("wire_octets").GetInt64());
    }

    /// <summary>Rules that were armed in the middle of a transaction do not look at it, whatever time comes meanwhile.</summary>
    [Theory]
    [InlineData(FaultPoint.Idle)]
    [InlineData(FaultPoint.Elapsed)]
    public void Rule_ArmedInATransaction_LooksAtTheSessionAfterThat(FaultPoint point)
    {
        var faults = new FakeFaults
        {
            IsArmed = false,
            IdleAfter = point == FaultPoint.Idle ? 5 * Second : null,
            Age = point == FaultPoint.Elapsed ? 10 * Second : null,
        }.At(point, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]).At(FaultPoint.Noop, Refuse("450 injected\r\n"));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("MAIL FROM:<a@b>\r\n").Awaits("250 a\r\n");
        bed.Sim.Relay.Awaits("MAIL FROM:<a@b>\r\n").Says("250 a\r\n");
        bed.Sim.Pass(Second);
        faults.IsArmed = true;
        faults.Change();
        bed.Sim.Pass(20 * Second);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("250 noop\r\n")
            .Says("RSET\r\n").Awaits("250 reset\r\n").Says("NOOP\r\n").Awaits("450 injected\r\n").Says("QUIT\r\n")
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Awaits("RSET\r\n")
            .Says("250 reset\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("250 a\r\n250 noop\r\n250 reset\r\n450 injected\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(FaultPoint.Noop, Assert.Single(faults.Injections).Point);
    }

    /// <summary>Where the proxy itself shakes hands, STARTTLS is asked about first as a command and then as the handshake that it leads
    /// to; elsewhere there is no handshake to be asked about.</summary>
    [Theory]
    [InlineData(true, false, "StartTls TlsHandshake", "454 handshake\r\n")]
    [InlineData(true, true, "StartTls", "454 command\r\n")]
    [InlineData(false, false, "StartTls", "502 relay\r\n")]
    [InlineData(false, true, "StartTls", "454 command\r\n")]
    public void StartTls_IsAskedAboutAsACommand_AndAsAHandshakeWhereOneFollows(
        bool offersTls, bool isCommandStruck, string points, string reply)
    {
        foreach (var asks in (bool[])[false, true])
        {
            var asked = new List<FaultPoint>();
            var faults = new FakeFaults { MayAsk = asks };
            faults.Commands[FaultPoint.StartTls] = _ =>
            {
                asked.Add(FaultPoint.StartTls);
                return isCommandStruck ? Refuse("454 command\r\n") : null;
            };
            faults.Commands[FaultPoint.TlsHandshake] = _ =>
            {
                asked.Add(FaultPoint.TlsHandshake);
                return Refuse("454 handshake\r\n");
            };
            var bed = new SessionBed(faults: faults, tls: offersTls ? new ListenerTls { Mode = ListenerTlsMode.StartTls } : null,
                relayTls: RelayTls.Default("relay.example") with { Mode = RelayTlsMode.None });
            bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("250 ").Awaits("\r\n").Says("STARTTLS\r\n").Awaits(reply)
                .Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
            bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says("250-mx\r\n250 SIZE\r\n");
            if (reply[0] == '5')
            {
                bed.Sim.Relay.Awaits("STARTTLS\r\n").Says(reply);
            }

            bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(points, string.Join(' ', asked));
            Assert.EndsWith(reply + "221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.Equal("quit", bed.Record.GetProperty("outcome").GetString());
        }
    }

    private static Action<Strike> Refuse(string reply) => s =>
    {
        s.Withhold = true;
        s.Reply = _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes(reply))];
    };

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("250 ").Awaits("\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says("250-mx\r\n250 CHUNKING\r\n");
        return bed;
    }
}
