using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Guard;

/// <summary>However a relay offers XCLIENT, and whatever it does with LHLO, a client that may not say it is answered; and its
/// end goes on after that.</summary>
public sealed class GuardFilterHostileRelayTests
{
    private const string Refused = "550 5.7.0 Command not permitted from your address\r\n";
    private const string Forged = "XCLIENT ADDR=203.0.113.1\r\n";

    [Theory]
    [InlineData("250-mx\r\n250-xClient ADDR\r\n250 DSN\r\n")]
    [InlineData("250-mx\n250 XCLIENT=ADDR\n")]
    [InlineData("250-mx\r\n250-\tXCLIENT\r\n250- XFORWARD\0NAME\r\n250 DSN\r\n")]
    [InlineData("250-mx\r\n250-XFORWARD,NAME\r\r\n250 XCLIENT\r\n")]
    public void Offer_InAReplyToEhlo_IsHidden_HoweverItIsWritten(string offer)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("EHLO c\r\n").Says(offer).Awaits("RSET\r\n").Says("250 rset\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says($"EHLO c\r\n{Forged}RSET\r\n").Awaits("250 rset\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.EndsWith($"{Refused}250 rset\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
            Assert.DoesNotContain("XCLIENT", bed.Sim.Client.Heard, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("XFORWARD", bed.Sim.Client.Heard, StringComparison.OrdinalIgnoreCase);
            Assert.Equal("EHLO c\r\nRSET\r\n", bed.Sim.Relay.Heard);
        }
    }

    /// <summary>Where an offer means nothing (RFC 5321 4.1.1.1) the reply passes as it is.</summary>
    [Theory]
    [InlineData("220-mx\r\n220 XCLIENT ADDR\r\n", "NOOP\r\n", "250 ok\r\n")]
    [InlineData("220 mx\r\n", "HELO c\r\n", "250-mx\r\n250 XCLIENT ADDR\r\n")]
    [InlineData("220 mx\r\n", "HELP\r\n", "214-see\r\n214 XCLIENT ADDR\r\n")]
    public void Offer_Elsewhere_Passes_AndTheCommandDoesNot(string greeting, string command, string reply)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says(greeting).Awaits(command).Says(reply).Awaits("RSET\r\n").Says("250 rset\r\n").Fin();
            bed.Sim.Client.Awaits(greeting).Says($"{command}{Forged}RSET\r\n").Awaits("250 rset\r\n").Fin();
            bed.Sim.RunToEnd();
            Assert.Equal($"{greeting}{reply}{Refused}250 rset\r\n", bed.Sim.Client.Heard);
            Assert.Equal($"{command}RSET\r\n", bed.Sim.Relay.Heard);
        }
    }

    /// <summary>Otherwise a reply would be taken for one more verdict on the message, and the next offer would be shown.</summary>
    [Fact]
    public void Lhlo_ThatIsRefused_ShiftsNoReply()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits("LHLO c\r\n").Says("502 no\r\n").Awaits("DATA\r\n")
                .Says("250 a\r\n250 b\r\n250 c\r\n354 go\r\n").Awaits("\r\n.\r\n").Says("250 taken\r\n")
                .Awaits("EHLO c\r\n").Says("250-mx\r\n250-XCLIENT ADDR\r\n250 DSN\r\n").Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says("LHLO c\r\n").Awaits("502 no\r\n")
                .Says("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n").Awaits("354 go\r\n")
                .Says("hi\r\n.\r\n").Awaits("taken\r\n").Says("EHLO c\r\n").Awaits("DSN\r\n").Says(Forged).Fin();
            bed.Sim.RunToEnd();
            Assert.DoesNotContain("XCLIENT", bed.Sim.Client.Heard + bed.Sim.Relay.Heard, StringComparison.Ordinal);
        }
    }

    /// <summary>The relay that was asked first is gone before its greeting: what is answered here is so beside the next one too.</summary>
    [Theory]
    [InlineData(EndKind.Fin)]
    [InlineData(EndKind.Reset)]
    public void Command_AfterAnotherRelayHasTakenOver_IsAnsweredInItsTurn(EndKind how)
    {
        var bed = new SessionBed(relays: 2);
        bed.Sim.Relays(0).EndsNow(how);
        bed.Sim.Relays(1).Says("220 mx\r\n").Awaits("RSET\r\n").Says("250 rset\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Says($"RSET\r\n{Forged}QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal($"220 mx\r\n250 rset\r\n{Refused}221 bye\r\n", bed.Sim.Client.Heard);
        Assert.Equal("RSET\r\nQUIT\r\n", string.Concat(bed.Sim.Relays(0).Heard, bed.Sim.Relays(1).Heard));
    }

    /// <summary>A relay that says its last word answers nothing any more, and nothing is answered in its place.</summary>
    [Fact]
    public void Command_AfterTheRelaysLastWord_IsNotAnswered()
    {
        var bed = new SessionBed();
        bed.Sim.Relay.Says("220 mx\r\n").Fin();
        bed.Sim.Client.Awaits("220 mx\r\n").Waits(TimeSpan.FromSeconds(1)).Says($"RSET\r\n{Forged}QUIT\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("220 mx\r\n", bed.Sim.Client.Heard);
        Assert.Equal("RSET\r\nQUIT\r\n", bed.Sim.Relay.Heard);
    }

    [Theory]
    [InlineData("DATA\r\n", "503 no\r\n", false)]
    [InlineData("DATA\r\n", "354 go\r\n", true)]
    [InlineData("AUTH LOGIN\r\n", "535 no\r\n", false)]
    public void Fin_AfterALineThatWaitsForAReply_GoesOn_AsSoonAsThatLineHasPassedOrIsAnswered(string holder, string reply, bool passes)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var bed = new SessionBed(seed: seed);
            bed.Sim.Relay.Says("220 mx\r\n").Awaits(holder).Waits(TimeSpan.FromSeconds(1)).Says(reply).Waits(TimeSpan.FromSeconds(10))
                .Fin();
            bed.Sim.Client.Awaits("220 mx\r\n").Says(holder + Forged).Fin();
            bed.Sim.RunToEnd();
            Assert.Equal(holder + (passes ? Forged : ""), bed.Sim.Relay.Heard);
            Assert.Equal(EndKind.Fin, bed.Sim.Relay.End);
            Assert.Equal($"220 mx\r\n{reply}{(passes ? "" : Refused)}", bed.Sim.Client.Heard);
        }
    }
}
