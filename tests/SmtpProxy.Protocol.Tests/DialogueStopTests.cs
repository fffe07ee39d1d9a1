using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>What a caller is told of how far octets were read, whose move it is, and what need not be shown.</summary>
public sealed class DialogueStopTests
{
    /// <summary>What stands before, and the client's elements as they are given back one by one.</summary>
    public static TheoryData<string, string[]> ClientElements => new()
    {
        { Talk.Hello, ["RSET\r\n", "NOOP\n", "QUIT\r\n"] },
        { Talk.Hello, ["BDAT 3\r\n", "abc", "BDAT 0 LAST\r\n", "RSET\r\n"] },
        { Talk.Envelope + "C:DATA|S:354 go|", ["text\r\n.\r\n", "MAIL FROM:<a@b>\r\n", "RSET\r\n"] },
        { Talk.Hello + "C:AUTH LOGIN|S:334 a|", ["dXNlcg==\r\n"] },
        { "S:220 x|", ["\u0016\u0003\u0005\r\n", "RSET\r\n"] },
    };

    [Theory]
    [MemberData(nameof(ClientElements))]
    public void FromClient_AskedToStop_StopsAfterEachElement(string before, string[] elements)
    {
        var dialogue = After(before);
        var octets = Encoding.Latin1.GetBytes(string.Concat(elements));
        foreach (var element in elements)
        {
            // An element that was begun before is over when nothing of it is left to read.
            Assert.Equal(element.Length, dialogue.FromClient(octets, StopAt.Element));
            octets = octets[element.Length..];
        }

        Assert.Empty(octets);
    }

    [Fact]
    public void FromRelay_AskedToStop_StopsAfterEachReply()
    {
        var dialogue = After(Talk.Hello + "C:RSET|C:NOOP|");

        Assert.Equal(19, dialogue.FromRelay("250-more\r\n250 one\r\n250 two\r\n"u8, StopAt.Element));
        Assert.Equal(1, dialogue.Outstanding);
        Assert.Equal(9, dialogue.FromRelay("250 two\r\n"u8, StopAt.Element));
    }

    /// <summary>Whatever ends the reading, in the middle of what was read, all of it is consumed at once.</summary>
    [Theory]
    [InlineData(Talk.Hello, "C:RSET|C:RSET|C:RSET|C:RSET|C:RSET|", "Limit")]
    [InlineData(Talk.Envelope + "C:DATA|", "C:0123456789012345678901234567890123456789012345678901234567890123456789|", "Limit")]
    [InlineData("", "S:SSH-2.0|S:220 x|", "NotSmtp")]
    [InlineData("S:220 x|", "S:220 y|S:220 z|", "Desynchronised")]
    [InlineData(Talk.Hello + "C:XYZZY|", "S:350 more|S:250 x|", "UnknownFraming")]
    [InlineData(Talk.Hello + "C:STARTTLS|", "S:220 go|S:250 x|", "Tls")]
    public void Octets_InWhichItBecomesOpaque_AreConsumedAtOnce(string before, string text, string reason)
    {
        var dialogue = After(before, new DialogueLimits { Outstanding = 3, HeldOctets = 64 });
        var (leg, octets) = Assert.Single(Talk.Read(text));
        var counted = dialogue.Octets(leg);

        Assert.Equal(octets.Length, leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets));
        Assert.Equal(reason, dialogue.Opaque.ToString());
        Assert.Equal(counted + octets.Length, dialogue.Octets(leg));
        Assert.False(dialogue.InsideCommand);
        Assert.False(dialogue.InsideReply);
    }

    /// <summary>Where nothing is read any more, it is the move of whoever did not speak last, in whatever way that was told.</summary>
    [Fact]
    public void Turn_OfWhatIsNotRead_IsOfWhoDidNotSpeakLast()
    {
        var dialogue = After(Talk.Hello + "C:STARTTLS|S:220 go|");
        Assert.Equal(Leg.Client, dialogue.Turn);
        dialogue.FromClient("\u0016\u0003\u0001"u8);
        Assert.Equal(Leg.Relay, dialogue.Turn);
        dialogue.FromRelay("\u0016"u8);
        Assert.Equal(Leg.Client, dialogue.Turn);
        dialogue.Skip(Leg.Client, 10);
        Assert.Equal(Leg.Relay, dialogue.Turn);
        dialogue.Skip(Leg.Relay, 10);
        Assert.Equal(Leg.Client, dialogue.Turn);
        dialogue.Ended(Leg.Client);
        Assert.Equal(Leg.Relay, dialogue.Turn);
    }

    /// <summary>Dialogue and whose move it is then.</summary>
    [Theory]
    [InlineData("", Leg.Relay)]
    [InlineData("S:220 x|", Leg.Client)]
    [InlineData("S:220 x|C:EHLO c|", Leg.Relay)]
    [InlineData(Talk.Hello + "C:AUTH LOGIN|", Leg.Relay)]
    [InlineData(Talk.Hello + "C:AUTH LOGIN|S:334 a|", Leg.Client)]
    [InlineData(Talk.Hello + "C:AUTH LOGIN|S:334 a|C:eA==|", Leg.Relay)]
    [InlineData(Talk.Envelope + "C:DATA|S:354 go|C:x|", Leg.Client)]
    [InlineData(Talk.Envelope + "C:DATA|S:354 go|C:x|C:.|", Leg.Relay)]
    [InlineData(Talk.Envelope + "C:BDAT 2|C~a|", Leg.Client)]
    [InlineData(Talk.Envelope + "C:BDAT 2|C~ab|", Leg.Relay)]
    [InlineData(Talk.Envelope + "C:BDAT 2|C~ab|C:BDAT 2|C~a|", Leg.Relay)]
    [InlineData(Talk.Envelope + "C:BDAT 2|C~abNOOP\r\n|", Leg.Relay)]
    public void Turn_IsOfWhoMustSpeak(string text, Leg turn) => Assert.Equal(turn, After(text).Turn);

    [Fact]
    public void Skip_WithinAChunk_CountsWhatIsLeft()
    {
        var dialogue = After(Talk.Envelope + "C:BDAT 10|C~ab|");

        Assert.Equal(8, dialogue.Unexamined(Leg.Client));
        dialogue.Skip(Leg.Client, 3);
        Assert.Equal((5, ClientPhase.Chunk), (dialogue.Unexamined(Leg.Client), dialogue.ClientPhase));
        dialogue.Skip(Leg.Client, 5);
        Assert.Equal((0, ClientPhase.Command), (dialogue.Unexamined(Leg.Client), dialogue.ClientPhase));
        Assert.Equal(0, dialogue.Unexamined(Leg.Relay));
    }

    /// <summary>Positions go on behind what was not shown.</summary>
    [Fact]
    public void Skip_OfAChunk_MovesWhatIsReportedAfterIt()
    {
        var record = new Recorder();
        var dialogue = After(Talk.Envelope + "C:BDAT 10|", record: record);
        dialogue.Skip(Leg.Client, 10);
        var at = dialogue.Octets(Leg.Client);
        dialogue.FromClient("RSET\n"u8);

        Assert.Contains($"bare-lf-command Client {at}", record.Positions);
    }

    [Theory]
    [InlineData(DialogueProtocol.Lmtp, "0@1 1@2")]
    [InlineData(DialogueProtocol.Smtp, "0")]
    public void Join_BetweenTransactions_FollowsAsIfItHadSeenTheBeginning(DialogueProtocol protocol, string replies)
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Join(protocol);

        Assert.Equal((true, 220, protocol), (dialogue.Greeted, dialogue.GreetingCode, dialogue.Protocol));
        Say(dialogue, "C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|C:DATA|S:354 go|C:.|");
        foreach (var _ in replies.Split(' '))
        {
            Assert.Equal(1, dialogue.Outstanding);
            dialogue.FromRelay("250 ok\r\n"u8);
        }

        Assert.Equal((0, false), (dialogue.Outstanding, dialogue.InTransaction));
        Assert.Equal(OpaqueReason.None, dialogue.Opaque);
        Assert.Contains("opened 1 MAIL", record.Facts, StringComparison.Ordinal);
    }

    /// <summary>Ten thousand commands may be without a reply; no more.</summary>
    [Fact]
    public void Commands_WithoutReplies_AreFollowedUpToTheLimit()
    {
        var dialogue = After(Talk.Hello);
        for (var n = 0; n < 10_000; n++)
        {
            dialogue.FromClient("RSET\r\n"u8);
        }

        Assert.Equal((10_000, OpaqueReason.None), (dialogue.Outstanding, dialogue.Opaque));
        dialogue.FromClient("RSET\r\n"u8);
        Assert.Equal(OpaqueReason.Limit, dialogue.Opaque);
    }

    /// <summary>That it is not read any more is told once, and for what reason; in doubt, when the doubt begins.</summary>
    [Theory]
    [InlineData(Talk.Hello + "C:STARTTLS|S:220 go|", "opaque Tls")]
    [InlineData("C~\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cxxxx|S~\u0016\u0003|", "opaque Tls")]
    [InlineData("C~\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cxxxx|S:SSH-2.0|", "opaque Tls opaque NotSmtp")]
    [InlineData("C~\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cxxxx|S:220 x|S:250 y|S:250 z|",
        "opaque Tls tracked again opaque Desynchronised")]
    [InlineData("S:220 x|S:250 y|", "opaque Desynchronised")]
    public void Opaque_IsToldOnce(string text, string told)
    {
        var record = new Recorder();
        After(text, record: record).Finish();

        Assert.Equal(told, string.Join(' ', record.Facts.Split('\n').Select(static fact => fact.Trim()).Where(static fact =>
            fact.StartsWith("opaque", StringComparison.Ordinal) || fact == "tracked again")));
    }

    private static Dialogue After(string text, DialogueLimits? limits = null, Recorder? record = null)
    {
        var dialogue = new Dialogue(record ?? new Recorder(), limits ?? DialogueLimits.Default);
        dialogue.Start();
        Say(dialogue, text);
        return dialogue;
    }

    private static void Say(Dialogue dialogue, string text)
    {
        foreach (var (leg, octets) in Talk.Read(text))
        {
            var consumed = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
            Assert.Equal(octets.Length, consumed);
        }
    }
}
