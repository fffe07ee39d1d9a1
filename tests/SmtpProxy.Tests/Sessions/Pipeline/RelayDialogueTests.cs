using System.Globalization;
using System.Net;
using System.Text;
using SmtpProxy.Protocol;
using SmtpProxy.Sessions.Pipeline;
using SmtpProxy.Telemetry.Facts;
using SmtpProxy.Tests.Telemetry;

namespace SmtpProxy.Tests.Sessions.Pipeline;

/// <summary>The relay's own dialogue: where each reply of it ends, and what it is.</summary>
public sealed class RelayDialogueTests
{
    private const string Mail = "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\nDATA\r\n";
    private readonly SessionBed _bed = new();

    [Fact]
    public void Replies_InOneRead_AreTakenOneByOne_WithTheirCodes()
    {
        var relay = Relay(joined: null);
        Assert.Equal("220 mx| = 220", Heard(relay, "220 mx\r\n"));
        Sent(relay, "EHLO c\r\nNOOP\r\nNOOP\r\n");
        Assert.Equal(3, relay.Outstanding);
        Assert.Equal("250-mx|250 SIZE| = 250; 451 no| = 451; 25 = half", Heard(relay, "250-mx\r\n250 SIZE\r\n451 no\r\n25"));
        Assert.Equal("0 ok| = 250; 250 more| = 250 unsolicited", Heard(relay, "0 ok\r\n250 more\r\n"));
        Assert.Equal(0, relay.Outstanding);
    }

    /// <summary>Nobody can say which reply is whose behind it.</summary>
    [Fact]
    public void Line_ThatBelongsToNoReply_IsTakenByItself()
    {
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, "NOOP\r\n");
        Assert.Equal("what| = nothing; 250 ok| = opaque", Heard(relay, "what\r\n250 ok\r\n"));
    }

    /// <summary>The id is looked for where a message is taken, and nowhere else.</summary>
    [Fact]
    public void QueueId_OfATakenMessage_IsKnownUntilTheNextReply()
    {
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, Mail);
        Assert.Equal("250 ok| = 250; 250 ok: queued as ABC0| = 250; 250 ok| = 250; 354 go| = 354",
            Heard(relay, "250 ok\r\n250 ok: queued as ABC0\r\n250 ok\r\n354 go\r\n"));
        Assert.True(relay.InTransaction);
        Sent(relay, "text\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 3 LAST\r\nabc");
        Assert.Equal("250 2.0.0 Ok: queued as ABC1| = 250 (ABC1); 250 ok| = 250; 250 ok| = 250; 250 2.0.0 Ok: queued as ABC2| = 250 (ABC2)",
            Heard(relay, "250 2.0.0 Ok: queued as ABC1\r\n250 ok\r\n250 ok\r\n250 2.0.0 Ok: queued as ABC2\r\n"));
        Assert.False(relay.InTransaction);
        Assert.Equal("250 2.0.0 Ok: queued as ABC3| = 250 unsolicited", Heard(relay, "250 2.0.0 Ok: queued as ABC3\r\n"));
    }

    /// <summary>One verdict for each recipient: all but the last say that more follow, and no other reply does.</summary>
    [Fact]
    public void Verdicts_ForEachRecipient_SayThatMoreFollow()
    {
        var relay = Relay(DialogueProtocol.Lmtp);
        Sent(relay, Mail);
        Assert.Equal("250 ok| = 250; 250 ok| = 250; 250 ok| = 250; 354 go| = 354",
            Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
        Sent(relay, "text\r\n.\r\nRSET\r\n");
        Assert.False(relay.MoreFollow);
        Assert.Equal("250 c| = 250 more; 452 e| = 452; 250 ok| = 250", Heard(relay, "250 c\r\n452 e\r\n250 ok\r\n"));
    }

    /// <summary>The same where the message came in chunks, or was fetched by the relay itself.</summary>
    [Theory]
    [InlineData("BDAT 3 LAST\r\nabc")]
    [InlineData("BURL imap://a LAST\r\n")]
    public void Verdicts_OnAMessageWithoutAnEndOfData_SayThatMoreFollow(string last)
    {
        var relay = Relay(DialogueProtocol.Lmtp);
        Sent(relay, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n");
        Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n");
        Sent(relay, last + "RSET\r\n");
        Assert.Equal("250 c| = 250 more; 452 e| = 452; 250 ok| = 250", Heard(relay, "250 c\r\n452 e\r\n250 ok\r\n"));
    }

    [Theory]
    [InlineData("DATA\r\n", "text\r\n.\r\n")]
    [InlineData("BDAT 3 LAST\r\nabc", "")]
    [InlineData("BURL imap://a LAST\r\n", "")]
    public void Announcement_OfOneVerdictForEachRecipient_IsNone(string message, string text)
    {
        var relay = Relay(joined: null);
        Heard(relay, "220 mx\r\n");
        Sent(relay, "EHLO c\r\n");
        Heard(relay, "250-mx\r\n250 PRDR\r\n");
        Sent(relay, "MAIL FROM:<a@b> PRDR\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\r\n" + message);
        Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n" + (text.Length > 0 ? "354 go\r\n" : ""));
        Sent(relay, text);
        Assert.Equal("353 wait| = 353 announcement more; 250 c| = 250 more; 550 e| = 550 more; 250 all| = 250",
            Heard(relay, "353 wait\r\n250 c\r\n550 e\r\n250 all\r\n"));
    }

    [Fact]
    public void Verdict_BeforeTheEndOfTheMessage_IsEarly_AndOneAfterItIsNot()
    {
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, Mail);
        Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        Sent(relay, "half a mess");
        Assert.Equal("552 too big| = 552 early", Heard(relay, "552 too big\r\n"));

        relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, Mail);
        Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
        Sent(relay, "text\r\n.\r\n");
        Assert.Equal("552 too big| = 552", Heard(relay, "552 too big\r\n"));
    }

    /// <summary>It is another relay: nothing of the first counts.</summary>
    [Fact]
    public void Renew_AfterAMessage_BeginsWithTheGreeting_AndForgetsWhatWasAnswered()
    {
        var relay = Relay(joined: null);
        for (var n = 0; n < 2; n++)
        {
            Assert.Equal("220 mx| = 220", Heard(relay, "220 mx\r\n"));
            Sent(relay, "LHLO c\r\n" + Mail);
            Heard(relay, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
            Sent(relay, "text\r\n.\r\n");
            Assert.False(relay.MoreFollow);
            Assert.Equal("250 c| = 250 more", Heard(relay, "250 c\r\n"));
            relay.Renew();
            Assert.Equal(1, relay.Outstanding);
        }
    }

    [Fact]
    public void Over_WithRepliesOutstanding_OwesNone()
    {
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n");
        Heard(relay, "250 ok\r\n");
        relay.Over();
        Assert.Equal(0, relay.Outstanding);
    }

    [Fact]
    public void Tls_MakesItOpaque_UntilItIsSecured()
    {
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, "STARTTLS\r\n");
        Assert.Equal("220 go| = 220", Heard(relay, "220 go\r\n"));
        Sent(relay, "\u0016\u0003\u0001\0\u0005hello");
        Assert.True(relay.IsOpaque);
        Assert.Equal("250 x|250 y| = opaque", Heard(relay, "250 x\r\n250 y\r\n"));
        relay.Secured();
        Sent(relay, "EHLO c\r\n");
        Assert.Equal((false, "250 mx| = 250"), (relay.IsOpaque, Heard(relay, "250 mx\r\n")));
        Assert.False(relay.WasOpaque);
    }

    /// <summary>What the guard says in the relay's place is no reply of it.</summary>
    [Fact]
    public void Replies_OfTheRelayAlone_AreCounted()
    {
        using var metrics = new MetricsProbe(_bed.Meter);
        var relay = Relay(DialogueProtocol.Smtp);
        Sent(relay, "NOOP\r\nNOOP\r\n");
        relay.Heard("250 ok\r\n"u8, Origin.Proxy);
        Assert.Empty(metrics["smtpproxy.replies"]);
        relay.Heard("250 ok\r\n"u8, Origin.Relay);
        relay.Heard("421 bye\r\n"u8, Origin.Relay);
        Assert.Equal(1, metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop", "smtpproxy.origin=relay"));
        Assert.Equal(2, metrics.Sum("smtpproxy.replies"));
    }

    [Fact]
    public void Reader_OfTheDialogue_HearsWhatItDecidesBy()
    {
        var (relay, reader) = (Relay(DialogueProtocol.Smtp), new FactProbe());
        Assert.False(relay.IsRead);
        relay.Reader = reader;
        Assert.True(relay.IsRead);
        Sent(relay, "EHLO c\r\n");
        Heard(relay, "250-mx\r\n250 SIZE\r\n");
        Sent(relay, "STARTTLS\r\n");
        Heard(relay, "220 go\r\n");
        Sent(relay, "\u0016\u0003\u0001\0\u0005hello");
        Assert.Equal(
            ["Opened 1 EHLO c", "CapabilityLine 1 SIZE", "Answered 1 250", "Opened 2 STARTTLS ", "Answered 2 220"], reader.Heard[..^1]);
        Assert.StartsWith("BecameOpaque Tls ", reader.Heard[^1], StringComparison.Ordinal);
    }

    private static void Sent(RelayDialogue relay, string text) => relay.Sent(Encoding.Latin1.GetBytes(text));

    /// <summary>How the octets are cut, and what each piece is.</summary>
    private static string Heard(RelayDialogue relay, string text)
    {
        var pieces = new List<string>();
        for (var rest = text; rest.Length > 0;)
        {
            var taken = relay.Heard(Encoding.Latin1.GetBytes(rest), Origin.Relay);
            var what = relay.WasOpaque ? "opaque" : relay.HasReplied ? relay.Code.ToString(CultureInfo.InvariantCulture)
                : relay.IsInsideReply ? "half" : "nothing";
            what += (relay.IsUnsolicited ? " unsolicited" : "") + (relay.IsEarlyVerdict ? " early" : "")
                + (relay.IsAnnouncement ? " announcement" : "") + (relay.HasReplied && relay.MoreFollow ? " more" : "")
                + (relay.Queued is { } id ? $" ({id})" : "");
            pieces.Add(rest[..taken].Replace("\r\n", "|", StringComparison.Ordinal) + " = " + what);
            rest = rest[taken..];
        }

        return string.Join("; ", pieces);
    }

    private RelayDialogue Relay(DialogueProtocol? joined)
    {
        var tracker = new DialogueTracker(_bed.Host.Telemetry.Open("inbound", "relays"), static e => throw e);
        tracker.Accepted(new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.Loopback, 25), 1, 1);
        return new RelayDialogue(joined, tracker);
    }
}
