using System.Security.Authentication;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Telemetry.Metrics;

namespace SmtpProxy.Tests.Telemetry.Metrics;

public sealed class CapabilityCellsTests
{
    private const string Present = "smtpproxy.capability.present";

    [Fact]
    public void Capabilities_OfTheLastConnection_AreShown_AndThoseThatAreGone()
    {
        using var talk = new Conversation();
        talk.Greet();
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=PIPELINING", "smtpproxy.channel=clear", "smtpproxy.cluster=relays",
            "smtpproxy.destination=mx1").Value);
        Assert.Equal(0, talk.Metrics.Single(Present, "smtp.keyword=STARTTLS").Value);
        Assert.Equal(2, talk.Metrics.Sum(Present));
        talk.Ask("QUIT", "221 bye").Over();
        talk.Begin();
        talk.Connect().Wait(1).Relay("220 mx").Ask("EHLO once more", "501 no")
            .Ask("EHLO again", "250-mx", "250-STARTTLS", "250-X-OWN", "250 AUTH=LOGIN PLAIN");
        Assert.Equal(0, talk.Metrics.Single(Present, "smtp.keyword=PIPELINING").Value);
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=AUTH").Value);
        Assert.Equal(2, talk.Metrics.Sum(Present));
    }

    [Fact]
    public void Capabilities_AskedForAgain_AreThoseOfTheFirstTime()
    {
        using var talk = new Conversation();
        talk.Greet().Ask("EHLO again", "250-mx", "250 AUTH LOGIN");
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=PIPELINING").Value);
        Assert.Equal(0, talk.Metrics.Single(Present, "smtp.keyword=AUTH").Value);
    }

    [Fact]
    public void Offer_ThatChanged_IsShownWithWhatItWas()
    {
        var cells = new CapabilityCells("relays", "mx1");
        Assert.Empty(cells.Offers());
        cells.Offered(CapabilityCells.BitOf("PIPELINING"u8) | CapabilityCells.BitOf("SIZE 10"u8), isInTls: false);
        cells.Offered(CapabilityCells.BitOf("PIPELINING"u8) | CapabilityCells.BitOf("SIZE 99"u8), isInTls: false);
        var same = Assert.Single(cells.Offers());
        Assert.Equal(("clear", 0, null, null), (same.Channel, same.Changes, same.Before, same.ChangedAt));
        Assert.Equal(["PIPELINING", "SIZE"], same.Now);
        cells.Offered(CapabilityCells.BitOf("STARTTLS"u8) | CapabilityCells.BitOf("SIZE 10"u8), isInTls: false);
        cells.Offered(0, isInTls: true);
        var offers = cells.Offers().ToList();
        Assert.Equal((1, "tls", 0), (offers[0].Changes, offers[1].Channel, offers[1].Changes));
        Assert.Equal(["SIZE", "STARTTLS"], offers[0].Now);
        Assert.Equal(["PIPELINING", "SIZE"], offers[0].Before);
        Assert.NotNull(offers[0].ChangedAt);
        Assert.Empty(offers[1].Now);
    }

    [Fact]
    public void Capabilities_InsideTls_AreApart()
    {
        using var talk = new Conversation();
        talk.Greet();
        talk.Session.Handshaken(new HandshakeNote(Leg.Relay, SslProtocols.Tls13, null, null, null));
        talk.Ask("EHLO again", "250-mx", "250 AUTH LOGIN");
        Assert.Equal(0, talk.Metrics.Single(Present, "smtp.keyword=AUTH", "smtpproxy.channel=clear").Value);
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=AUTH", "smtpproxy.channel=tls").Value);
    }

    [Fact]
    public void Capabilities_HiddenAndAddedByTheProxy_MakeNoDifference()
    {
        using var talk = new Conversation();
        talk.Connect().Wait(1).Relay("220 mx");
        talk.Session.Metrics.Edited(CapabilityCells.BitOf("XCLIENT ADDR"u8), CapabilityCells.BitOf("STARTTLS"u8));
        talk.Ask("EHLO client", "250-mx", "250-SIZE 1", "250 STARTTLS");
        Assert.Equal(0, talk.Metrics.Single(Present, "smtp.keyword=STARTTLS").Value);
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=XCLIENT").Value);
        Assert.Equal(1, talk.Metrics.Single(Present, "smtp.keyword=SIZE").Value);
    }

    [Fact]
    public void Bits_OfAReply_AreThoseOfItsLinesAfterTheFirst() => Assert.Equal(
        CapabilityCells.BitOf("SIZE"u8) | CapabilityCells.BitOf("STARTTLS"u8),
        CapabilityCells.BitsOf("250-DSN.example\r\n250-SIZE 10\r\n250 STARTTLS\r\n"u8));
}
