using System.Text;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>A dialogue that is used again is new, wherever it stood before: what it makes of the next connection is what one makes of
/// it that was never used.</summary>
public sealed class DialogueResetTests
{
    private const string ClientHello = "C~\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002cxxxxxxxx|";

    /// <summary>Connections that are given up in the middle of something.</summary>
    private static readonly string[] Before =
    [
        "",
        "S~22",
        "S:220-x|S:221 y|",
        "S:220-x|",
        "C~EH|",
        "S:421 no|",
        ClientHello,
        "C~\u0016\u0003|",
        "S:220 x|" + ClientHello,
        "S:SSH-2.0-x|C:EHLO c|",
        "S:220 x|C:GET / HTTP/1.1|C:Host: x|",
        Talk.Hello + "C:MAIL FROM:<a@b> SMTPUTF8|S~25|",
        Talk.Hello + "C:MAIL FROM:<a@b>|C:RCPT TO:<c@d>|C:RCPT TO:<c@e>|S:250 a|",
        Talk.Hello + "C:AUTH LOGIN|C~eA=|",
        Talk.Hello + "C:AUTH LOGIN|S:334 a|C~eA=|",
        Talk.Hello + "C:AUTH LOGIN|S:535 no|",
        Talk.Hello + "C:DATA|S:250 what|C:Dear friend,|C:MAIL FROM:<a@b>|",
        Talk.Hello + "C:DATA|S:250 what|C:Dear friend,|C:STARTTLS|S:220 go|",
        Talk.Hello + "C:STARTTLS|S:220 go|C~\u0016\u0003|",
        Talk.Hello + "C:STARTTLS|S:454 no|",
        Talk.Hello + "C:BDAT 10|C:abc|",
        Talk.Hello + "C:QUIT|",
        Talk.Hello + "C:QUIT|S:221 bye|",
        Talk.Hello + "C:XYZZY|S:350 more|",
        Talk.Envelope + "C:DATA|C:half|",
        Talk.Envelope + "C:DATA|S:354 go|C:.x\r|",
        Talk.Envelope + "C:DATA|S:354 go|C:x|C:.|",
        "S:220 l|C:LHLO c|S:250-l|S:250 CHUNKING|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:BDAT 2|C~a|",
    ];

    /// <summary>Connections that tell what is left of one before, by what they say and by where they end.</summary>
    private static readonly string[] After =
    [
        "",
        "C:EHLO c|",
        "S~2",
        "S:220 x|C:XYZZY Dear|S:500 no|C:MAIL FROM:<a@b>|S:250 ok|C:RSET|C:RSET|S:250 ok|S:250 ok|C~NO",
        "S:220 x|C:HELO c|S:250 x|C:MAIL FROM:<\u00e9@b>|S:250 ok|C:RCPT TO:<c@d>|S:550 no|C:DATA|S:354 go|C:a|C:.|S:554 no|",
        Talk.Hello + "C:STARTTLS|S:220 go|C:EHLO d|S:250 x|",
        Talk.Hello + "C:AUTH PLAIN eA==|S:334 a|C~x|",
        ClientHello + "S:220 x|",
        "S:220 x|C:STARTTLS|S:454 no|C:QUIT|S:221 bye|",
        Talk.Envelope + "C:BDAT 3|C~abc|S:250 a|C:BDAT 2 LAST|C~d",
    ];

    [Fact]
    public void Dialogue_UsedAgain_IsAsNew()
    {
        foreach (var after in After)
        {
            var (fresh, isFresh) = Talk.Play(Talk.Read(after), Talk.Whole);
            var expected = Talk.Summary(fresh, isFresh);
            foreach (var before in Before)
            {
                foreach (var isFinished in (bool[])[false, true])
                {
                    var dialogue = new Dialogue(new Recorder(), DialogueLimits.Default);
                    Say(dialogue, before);
                    if (isFinished)
                    {
                        dialogue.Finish();
                    }

                    var record = new Recorder();
                    dialogue.Reset(record);
                    Assert.Equal((0, 0), (dialogue.Octets(Leg.Client), dialogue.Octets(Leg.Relay)));
                    Assert.Equal((false, false, -1L), (dialogue.InsideReply, dialogue.InsideCommand, dialogue.CommandBegan));
                    Assert.Equal((0, false, 0), (dialogue.Outstanding, dialogue.InTransaction, dialogue.GreetingCode));
                    Assert.Equal((ClientPhase.Command, Leg.Client), (dialogue.ClientPhase, dialogue.Turn));
                    Say(dialogue, after);
                    dialogue.Ended(Leg.Client);
                    dialogue.Ended(Leg.Relay);
                    dialogue.Finish();
                    Assert.Equal($"{before}: {expected}", $"{before}: {Talk.Summary(record, dialogue)}");
                }
            }
        }
    }

    /// <summary>Nothing of what was kept for later is told to whom it does not concern.</summary>
    [Fact]
    public void Dialogue_UsedAgain_RevealsNothingOfTheOneBefore()
    {
        var dialogue = new Dialogue(new Recorder(), DialogueLimits.Default);
        Say(dialogue, Talk.Hello + "C:DATA|S:250 what|C:Dear friend,|C:MAIL FROM:<secret@b>|");
        var record = new Recorder();
        dialogue.Reset(record);
        Say(dialogue, "S:220 x|C:RSET|S:250 ok|C:NOOP|S:250 ok|C:NOOP|S:250 ok|C:NOOP|S:250 ok|");

        Assert.DoesNotContain("secret", record.Facts, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", record.Handed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Dialogue_Dropped_OwesAndKeepsNothing()
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        Say(dialogue, Talk.Envelope + "C:DATA|S:250 what|C:Dear friend,|C:MAIL FROM:<secret@b>|C~NO|");
        var told = record.Facts;
        dialogue.Drop();

        Assert.Equal((0, false), (dialogue.Outstanding, dialogue.InsideCommand));
        Assert.Equal(told, record.Facts);
        dialogue.FromClient("OP\r\n"u8);
        dialogue.FromRelay("250 ok\r\n"u8);
        Assert.DoesNotContain("secret", record.Facts, StringComparison.Ordinal);
    }

    private static void Say(Dialogue dialogue, string text)
    {
        dialogue.Start();
        foreach (var (leg, octets) in Talk.Read(text))
        {
            _ = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
        }
    }
}
