using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Hello;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>Where nobody asked for TLS, a client that sends its first octets leaves nothing but what the relay
/// lets it (PROTOCOL 7.7).</summary>
public sealed class DialogueClientHelloTests
{
    /// <summary>A record of 48 octets that holds a ClientHello, without a line end in it.</summary>
    private const string Hello = "\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    private const string ServerHello = "S~\u0016\u0003\u0003\u0000\u0002ab|";

    /// <summary>Dialogue, exchanges, anomalies, final state, what was seen of TLS.</summary>
    public static TheoryData<string, string, string, string, string> Dialogues => new()
    {
        // TLS, as far as anybody can tell
        { $"C~{Hello}|", "", "", "Tls", "Implicit" },
        { $"C~{Hello}|{ServerHello}", "", "", "Tls", "Implicit" },
        { $"C~{Hello}|S~\u0015\u0003\u0003\u0000\u0002\u0002\u0028|", "", "", "Tls", "Implicit" },
        { $"S:220 x|C~{Hello}|", "", "tls-on-plaintext", "Opaque", "None" },
        { $"S:220 x|C~{Hello}|{ServerHello}C:MAIL FROM:<a@b>|", "", "tls-on-plaintext", "Opaque", "None" },
        { $"S:220 x|C:EHLO c|C~{Hello}\n|{ServerHello}", "EHLO:-", "tls-on-plaintext", "Opaque", "None" },
        { $"C~{Hello}|S:SSH-2.0-x|", "", "not-smtp", "Opaque", "None" },

        // A relay that answers in SMTP has read commands
        { $"S:220 x|C~{Hello}\r\n|S:500 what|C:QUIT|S:221 bye|", "?:500 QUIT:221", "nul-command tls-on-plaintext", "Quit", "None" },
        { $"S:220 x|C~{Hello}|S:500-what|S:500 is that|C:QUIT|S:221 bye|", "?:500 QUIT:221", "tls-on-plaintext", "Quit", "None" },
        { $"S:220 x|C~{Hello}|S:421 bye|", "?:421", "tls-on-plaintext", "Closing421", "None" },
        { $"S:220 x|C~{Hello}|S~50|", "", "tls-on-plaintext truncated-command truncated-reply", "Reply", "None" },
        { $"S:220 x|C~{Hello}\r\n|C:HELO c|C:MAIL FROM:<a@b>|S:500 what|S:250 x|S:250 ok|", "?:500 HELO:250p MAIL:250p",
            "nul-command pipelining-unadvertised tls-on-plaintext", "Command", "None" },
        { Talk.Hello + $"C:RSET|C~{Hello}\r\n|S:250 ok|S:500 what|C:RSET|S:250 ok|", "EHLO:250 RSET:250 ?:500p RSET:250",
            "nul-command tls-on-plaintext", "Command", "None" },
        { Talk.Hello + $"C~{Hello}\n|C~{Hello}\n|S:500 what|S:500 what|C:QUIT|S:221 bye|", "EHLO:250 ?:500 ?:500p QUIT:221",
            "bare-lf-command nul-command tls-on-plaintext", "Quit", "None" },
        { $"C~{Hello}\r\n|S:220 x|S:500 what|C:QUIT|S:221 bye|", "?:500p QUIT:221", "early-talker nul-command tls-on-plaintext", "Quit",
            "None" },
        { $"C~{Hello}|S:220 x|", "", "early-talker tls-on-plaintext truncated-command", "Command", "None" },
        { Talk.Hello + $"C:DATA|C~{Hello}\r\n|S:503 no|S:500 what|C:RSET|S:250 ok|", "EHLO:250 DATA:503 ?:500p RSET:250",
            "nul-command pipelining-sync-violation tls-on-plaintext", "Command", "None" },

        // Lines that begin like TLS, and are none
        { "S:220 x|C:\u0016|S:500 what|C:QUIT|S:221 bye|", "?:500 QUIT:221", "", "Quit", "None" },
        { "S:220 x|C:\u0016\u0003\u0001|S:500 what|C:QUIT|S:221 bye|", "?:500 QUIT:221", "", "Quit", "None" },
        { "S:220 x|C:\u0016\u0003\u0001\u0000\u0010rrrrrrrrrrrrrrrr|S:500 what|", "?:500", "nul-command", "Command", "None" },
        { "S:220 x|C:\u0016\u0003\u0005\u0000\u0030\u0001\u0000\u0000\u002cxxxx|S:500 what|", "?:500", "nul-command", "Command", "None" },
        { "S:220 x|C:\u0016\u0003\u0001\u0041\u0030\u0001\u0000\u0000\u002cxxxx|S:500 what|", "?:500", "nul-command", "Command", "None" },
        { "S:220 x|C:\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u0002xxxx|S:500 what|", "?:500", "nul-command", "Command", "None" },
        { "S:220 x|C:\u0016\u0003\u0001\u0000\u0030\u0002\u0000\u0000\u002cxxxx|S:500 what|", "?:500", "nul-command", "Command", "None" },
        { "S:220 x|C~\u0016\u0003\u0001\n\n\u0002\r\n|S:500 a|S:500 b|S:500 c|C:QUIT|S:221 bye|", "?:500 (empty):500p ?:500p QUIT:221",
            "bare-lf-command pipelining-unadvertised", "Quit", "None" },
        { "S:220 x|C~\u0016\u0003\u0001\u0001\n|S:500 what|C:NOOP|S:250 ok|", "?:500 NOOP:250", "bare-lf-command", "Command", "None" },
        { "C:\u0016|S:220 x|S:500 what|C:QUIT|S:221 bye|", "?:500p QUIT:221", "early-talker", "Quit", "None" },
        { Talk.Hello + "C~NOOP\r\n\u0016\u0003\u0001\u0001\nX|S:250 ok|S:500 what|C:Y|S:500 who|", "EHLO:250 NOOP:250 ?:500p XY:500p",
            "bare-lf-command pipelining-sync-violation", "Command", "None" },
        { Talk.Hello + "C:NOOP|C~\u0016\u0003\u0001\u0001|S:250 ok|C~\n|S:500 what|C:QUIT|S:221 bye|", "EHLO:250 NOOP:250 ?:500p QUIT:221",
            "bare-lf-command pipelining-sync-violation", "Quit", "None" },
        { Talk.Hello + "C:NOOP|C~\u0016\u0003|S:250 ok|C:\u0005zzz|S:500 what|", "EHLO:250 NOOP:250 ?:500p", "pipelining-sync-violation",
            "Command", "None" },
        { "C~\u0016\u0003\u0001|", "", "early-talker missing-greeting truncated-command", "Greeting", "None" },
        { "S:220 x|C~\u0016\u0003\u0001|", "", "truncated-command", "Command", "None" },
        { "S:220 x|C:AUTH LOGIN|S:334 a|C:\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cx|S:535 no|", "AUTH:535", "nul-command",
            "Command", "None" },
    };

    [Theory]
    [MemberData(nameof(Dialogues))]
    public void Hello_WhereNobodyAskedForIt_IsWhatTheServerTakesItFor(string text, string exchanges, string anomalies, string state,
        string tls)
    {
        var (record, dialogue) = Talk.PlayEveryWay(text);

        Assert.Equal(exchanges, record.Exchanges);
        Assert.Equal(anomalies, record.Anomalies);
        Assert.Equal(state, dialogue.FinalState.ToString());
        Assert.Equal(tls, dialogue.Tls.ToString());
    }

    [Fact]
    public void Hello_UntilItIsKnownForOne_IsACommandThatHasBegun()
    {
        var (dialogue, record) = Greeted();
        for (var n = 0; n < ClientHelloRecord.Enough - 1; n++)
        {
            dialogue.FromClient(Octets(Hello.Substring(n, 1)));
            Assert.Equal(OpaqueReason.None, dialogue.Opaque);
            Assert.Equal(ClientPhase.Command, dialogue.ClientPhase);
            Assert.True(dialogue.InsideCommand);
        }

        dialogue.FromClient(Octets(Hello.Substring(ClientHelloRecord.Enough - 1, 1)));

        Assert.Equal(OpaqueReason.Tls, dialogue.Opaque);
        Assert.Equal(ClientPhase.Opaque, dialogue.ClientPhase);
        Assert.Equal(0, dialogue.Unexamined(Leg.Client));
        Assert.Equal(0, dialogue.Unexamined(Leg.Relay));
        Assert.Equal("tls-on-plaintext", record.Anomalies);
    }

    [Fact]
    public void Hello_AnsweredInSmtp_IsTrackedWithItsTransactionWhole()
    {
        var (record, _) = Talk.PlayEveryWay(
            Talk.Envelope + $"C~{Hello}\r\n|C:DATA|S:500 what|S:354 go|C:text|C:.|S:250 ok|");

        Assert.Equal("EHLO:250 MAIL:250 RCPT:250 ?:500 DATA:354p .:250", record.Exchanges);
        Assert.Equal("Data 1/0 6/6 250 Delivered FinalReply", record.Transactions);
    }

    [Fact]
    public void Hello_AnsweredInTls_SettlesWhatWasOpen()
    {
        var (record, dialogue) = Talk.PlayEveryWay(Talk.Envelope + $"C~{Hello}|{ServerHello}");

        Assert.Equal("None 1/0 -1/-1 0 Unknown Opaque", record.Transactions);
        Assert.Equal(OpaqueReason.Tls, dialogue.Opaque);
        Assert.Equal(long.MaxValue, dialogue.Unexamined(Leg.Client));
    }

    /// <summary>Dialogues in which a client makes itself unfollowed, and nobody gave it TLS.</summary>
    [Theory]
    [InlineData(Talk.Hello + "C:RSET|C:RSET|C:RSET|C:RSET|C:RSET|C:RSET|", "Limit")]
    [InlineData(Talk.Envelope + "C:DATA|C:0123456789012345678901234567890123456789012345678901234567890123456789|S:354 go|", "Limit")]
    [InlineData("S:220 x|C~" + Hello + "0123456789012345678901234567890123456789|S:500 what|", "Limit")]
    [InlineData(Talk.Hello + "C:XYZZY|S:350 more|C:whatever|", "UnknownFraming")]
    public void Client_ThatEscapesFromBeingTracked_IsReported(string text, string reason)
    {
        var (record, dialogue) = Talk.PlayEveryWay(text, new DialogueLimits { Outstanding = 5, HeldOctets = 64 });

        Assert.Contains("left-tracking", record.Anomalies, StringComparison.Ordinal);
        Assert.Equal(reason, dialogue.Opaque.ToString());
    }

    /// <summary>TLS that was granted, and what others did, is nobody's escape.</summary>
    [Theory]
    [InlineData(Talk.Hello + "C:STARTTLS|S:220 go|C:EHLO plain|")]
    [InlineData("C~" + Hello + "|" + ServerHello)]
    [InlineData(Talk.Hello + "C:RSET|S:250 ok|S:250 what|")]
    [InlineData("S:SSH-2.0-x|C:EHLO x|")]
    public void Opaque_ForAnotherReason_IsNoEscape(string text)
    {
        var (record, dialogue) = Talk.PlayEveryWay(text);

        Assert.DoesNotContain("left-tracking", record.Anomalies, StringComparison.Ordinal);
        Assert.NotEqual(OpaqueReason.None, dialogue.Opaque);
    }

    [Theory]
    [InlineData(0x0005, 0x0001, true)]
    [InlineData(0x0004, 0x0000, false)]
    [InlineData(0x0200, 0x01fc, true)]
    [InlineData(0x0200, 0x01fb, false)]
    [InlineData(0x0200, 0x0700, true)]
    [InlineData(0x4000, 0x3ffc, true)]
    [InlineData(0x4001, 0x3ffd, false)]
    public void Judge_LengthsOfRecordAndMessage_MustFit(int record, int message, bool plausible)
    {
        byte[] octets = [0x16, 3, 1, (byte)(record >> 8), (byte)record, 1, 0, (byte)(message >> 8), (byte)message];

        Assert.Equal(plausible ? Plausibility.Plausible : Plausibility.Implausible, ClientHelloRecord.Judge(octets));
    }

    private static (Dialogue Dialogue, Recorder Record) Greeted()
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        return (dialogue, record);
    }

    private static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);
}
