using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>What is easily told wrong, each kind as a dialogue with what it must come to: replies that are not owed, commands that are
/// none, refusals that do not decide. Every one is played whole, octet by octet, in two pieces at every index,
/// and element by element.</summary>
public sealed class DialogueExactnessTests
{
    private const string Data = Talk.Envelope + "C:DATA|S:354 go|";
    private const string Prdr = Talk.Hello + "C:MAIL FROM:<a@b> PRDR|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|C:RCPT TO:<e@f>|S:250 ok|";
    private const string Lmtp =
        "S:220 l|C:LHLO c|S:250-l|S:250 CHUNKING|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|";

    /// <summary>Dialogue, exchanges behind EHLO's, anomalies, transactions, final state.</summary>
    public static TheoryData<string, string, string, string, string> Kinds => new()
    {
        // An end of data that was never sent is owed no reply
        { Data + "|", "MAIL:250 RCPT:250 DATA:354", "truncated-data", "Data 1/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Data + "C:half|C:.|S:250 ok|"
            + "C:MAIL FROM:<x@y>|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|C:DATA|S:354 go|C~more|",
            "MAIL:250 RCPT:250 DATA:354 .:250 MAIL:250 RCPT:250 DATA:354", "truncated-data",
            "Data 1/0 6/6 250 Delivered FinalReply; Data 1/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Data + "C~half\r\n.\r|", "MAIL:250 RCPT:250 DATA:354", "truncated-data", "Data 1/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Lmtp + "C:DATA|S:354 go|C~half|", "LHLO:250 MAIL:250 RCPT:250 RCPT:250 DATA:354", "truncated-data",
            "Data 2/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Data + "C~half|S:421 bye|", "MAIL:250 RCPT:250 DATA:354 .:421", "truncated-data unsolicited-421",
            "Data 1/0 -1/-1 421 Failed ConnectionEnded", "Closing421" },
        { Data + "C~half|S~45|", "MAIL:250 RCPT:250 DATA:354", "truncated-data truncated-reply", "Data 1/0 -1/-1 0 Aborted ConnectionEnded",
            "Reply" },
        { Talk.Hello + "C:DATA|S:354 go|C~half|", "DATA:354", "data-without-recipients truncated-data", "", "Data" },

        // A chunk: cut, malformed, refused
        { Talk.Envelope + "C:BDAT 300 LAST|C~abc|", "MAIL:250 RCPT:250 BDAT:-", "missing-reply truncated-data",
            "Bdat 1/0 -1/-1 0 Aborted ConnectionEnded", "Bdat" },
        { Talk.Envelope + "C:BDAT 3 LAST|C~abc|", "MAIL:250 RCPT:250 BDAT:-", "missing-reply", "Bdat 1/0 -1/-1 0 Unknown ConnectionEnded",
            "Command" },
        { Talk.Envelope + "C:BDAT 3|C~abc|S:250 ok|C:BDAT 300 LAST|C~abc|", "MAIL:250 RCPT:250 BDAT:250 BDAT:-",
            "missing-reply truncated-data", "Bdat 1/0 3/3 0 Aborted ConnectionEnded", "Bdat" },
        { Talk.Envelope + "C:BDAT 5x LAST|S:501 what|C:BDAT 3 LAST|C~abc|S:250 ok|", "MAIL:250 RCPT:250 BDAT:501 BDAT:250", "bad-bdat",
            "Bdat 1/0 3/3 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT|S:250 fine|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 BDAT:250 RSET:250", "bad-bdat",
            "None 1/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Envelope + "C:BDAT -1|S:354 go|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 BDAT:354 RSET:250", "bad-bdat unexpected-354",
            "None 1/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Envelope + "C:BDAT 5|C~12345|S:452 full|C:BDAT 5 LAST|C~12345|S:250 ok|", "MAIL:250 RCPT:250 BDAT:452 BDAT:250", "",
            "Bdat 1/0 5/5 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT 5|C~12345|S:552 big|C:BDAT 5|C~12345|S:551 no|C:RSET|S:250 ok|",
            "MAIL:250 RCPT:250 BDAT:552 BDAT:551 RSET:250", "", "Bdat 1/0 -1/-1 0 Failed Reset", "Command" },
        { Talk.Envelope + "C:BDAT 5|C~12345|S:452 full|C:BDAT 5 LAST|C~12345|S:503 no|", "MAIL:250 RCPT:250 BDAT:452 BDAT:503", "",
            "Bdat 1/0 -1/-1 503 Failed FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT 5|C~12345|S:452 full|C:QUIT|S:221 bye|", "MAIL:250 RCPT:250 BDAT:452 QUIT:221", "",
            "Bdat 1/0 -1/-1 0 Failed Quit", "Quit" },
        { Talk.Envelope + "C:BDAT 5|C~12345|S:354 odd|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 BDAT:354 RSET:250", "unexpected-354",
            "Bdat 1/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Envelope + "C:RSET|C:MAIL FROM:<x@y>|C:BDAT 0 LAST|", "MAIL:250 RCPT:250 RSET:- MAIL:-p BDAT:-p", "missing-reply",
            "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Envelope + "C:BDAT 3|C~abc|S:250 ok|C:DATA|S:354 go|C~half|", "MAIL:250 RCPT:250 BDAT:250 DATA:354", "truncated-data",
            "Data 1/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Lmtp + "C:RSET|S:250 ok|C:BDAT 0 LAST|S:503 none|", "LHLO:250 MAIL:250 RCPT:250 RCPT:250 RSET:250 BDAT:503", "",
            "None 2/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Envelope + "C:BURL imap://x LAST|", "MAIL:250 RCPT:250 BURL:-", "missing-reply", "None 1/0 -1/-1 0 Unknown ConnectionEnded",
            "Command" },
        { Talk.Envelope + "C:BDAT 3|C~abc|S:250 ok|C:BURL imap://x LAST|S:250 ok|", "MAIL:250 RCPT:250 BDAT:250 BURL:250", "",
            "Burl 1/0 -1/-1 250 Delivered FinalReply", "Command" },

        // PRDR: 353, one for each accepted recipient, and one that decides
        { Prdr + "C:BDAT 3 LAST|C~abc|S:353 each|S:250 one|S:550 two|S:250 all|C:NOOP|S:250 ok|",
            "MAIL:250 RCPT:250 RCPT:250 BDAT:353 BDAT:250@3 BDAT:550@4 BDAT:250 NOOP:250", "", "Bdat 2/0 3/3 250 Delivered FinalReply",
            "Command" },
        { Prdr + "C:DATA|S:354 go|C:.|S:353 each|S:250 one|S:550 two|S:554 all|",
            "MAIL:250 RCPT:250 RCPT:250 DATA:354 .:353 .:250@3 .:550@4 .:554", "", "Data 2/0 0/0 554 Failed FinalReply", "Command" },
        { Prdr + "C:DATA|S:354 go|C:.|S:353 each|S:250 one|", "MAIL:250 RCPT:250 RCPT:250 DATA:354 .:353 .:250@3 .:-@4 .:-",
            "missing-reply", "Data 2/0 0/0 0 Unknown ConnectionEnded", "Command" },
        { Prdr + "C:BDAT 0 LAST|C:QUIT|S:353 each|S:250 one|S:250 two|S:250 all|S:221 bye|",
            "MAIL:250 RCPT:250 RCPT:250 BDAT:353 BDAT:250@3 BDAT:250@4 BDAT:250 QUIT:221p", "", "Bdat 2/0 0/0 250 Delivered FinalReply",
            "Quit" },
        { Talk.Envelope + "C:BDAT 0 LAST|S:353 odd|", "MAIL:250 RCPT:250 BDAT:353", "unexpected-3yz",
            "Bdat 1/0 -1/-1 353 Failed FinalReply", "Command" },

        // A verb ends at CR
        { Talk.Hello + "C:NOOP\rX|S:250 ok|", "NOOP:250", "bare-cr-command", "", "Command" },
        { Talk.Envelope + "C:DATA\rX|S:354 go|C:.|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "bare-cr-command",
            "Data 1/0 0/0 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT\r3|S:501 what|", "MAIL:250 RCPT:250 BDAT:501", "bad-bdat bare-cr-command",
            "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },

        // Octets above 127 after an SMTPUTF8 transaction
        { Talk.Hello + "C:MAIL FROM:<a@b> SMTPUTF8|S:250 ok|C:RSET|S:250 ok|C:VRFY \u00e9|S:252 ok|", "MAIL:250 RSET:250 VRFY:252",
            "8bit-command", "None 0/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Hello + "C:MAIL FROM:<a@b> SMTPUTF8|S:555 no|C:RCPT TO:<\u00e9@d>|S:503 no|", "MAIL:555 RCPT:503", "8bit-command", "",
            "Command" },
        { Talk.Hello + "C:MAIL FROM:<a@b> SMTPUTF8|C:RCPT TO:<\u00e9@d>|S:250 ok|S:250 ok|", "MAIL:250 RCPT:250p", "",
            "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },

        // HTTP is no pipelining
        { "S:220 x|C:POST / HTTP/1.1|C:Host: x|C:|C:a=b|S:500 a|S:500 b|S:500 c|S:500 d|", "POST:500 HOST:500p (empty):500p ?:500p",
            "http-request", "", "Command" },
        { "S:220 x|C:NOOP|C:GET / HTTP/1.1|C:|S:250 a|S:500 b|S:500 c|", "NOOP:250 GET:500p (empty):500p",
            "http-request pipelining-sync-violation pipelining-unadvertised", "", "Command" },

        // TLS among Exchange servers
        { Talk.Hello + "C:X-ANONYMOUSTLS|S:220 go|C~\u0016\u0003\u0001x|S~\u0016\u0003\u0003y|", "X-ANONYMOUSTLS:220", "", "", "Tls" },
        { Talk.Hello + "C:x-anonymoustls|S:500 what|C:RSET|S:250 ok|", "X-ANONYMOUSTLS:500 RSET:250", "", "", "Command" },

        // What Sendmail tells between its replies
        { Talk.Hello + "C:VERB|S:250 verbose|C:NOOP|S:050 working|S:050-still|S:250 ok|", "VERB:250 NOOP:250", "reply-code-out-of-range",
            "", "Command" },
        { Talk.Hello + "C:NOOP|S:250-a|S:050 working|S:250 b|S:099 idle|C:RSET|S:250 ok|", "NOOP:250 RSET:250", "reply-code-out-of-range",
            "", "Command" },

        // After AUTH a word may be a secret, until a command is granted; the go-ahead grants one
        { Talk.Hello + "C:AUTH PLAIN eA==|S:235 ok|C:HELLO x|S:502 no|C:DATA|S:354 go|C:.|S:250 ok|C:HELLO x|S:502 no|",
            "AUTH:235 ?:502 DATA:354 .:250 HELLO:502", "data-without-recipients", "", "Command" },

        { Talk.Hello + "C:AUTH PLAIN eA==|S:235 ok|C:BDAT 0 LAST|S:250 ok|C:HELLO x|S:502 no|", "AUTH:235 BDAT:250 HELLO:502", "", "",
            "Command" },

        // An intermediate reply to a command that has none
        { Talk.Hello + "C:STARTTLS|S:334 x|C:RSET|S:250 ok|", "STARTTLS:334 RSET:250", "unexpected-334", "", "Command" },
        { Talk.Hello + "C:AUTH LOGIN|S:354 x|C:RSET|S:250 ok|", "AUTH:354 RSET:250", "unexpected-354", "", "Command" },
        { Talk.Hello + "C:TURN|S:355 x|C:RSET|S:250 ok|", "TURN:355 RSET:250", "unexpected-3yz", "", "Command" },
        { Talk.Envelope + "C:BDAT 1|C~a|S:354 x|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 BDAT:354 RSET:250", "unexpected-354",
            "Bdat 1/0 -1/-1 0 Aborted Reset", "Command" },

        // PIPELINING is what the last EHLO offers
        { Talk.Hello + "C:EHLO c|S:250 x|C:RSET|C:RSET|S:250 a|S:250 b|", "EHLO:250 RSET:250 RSET:250p", "pipelining-unadvertised", "",
            "Command" },
        { Talk.Hello + "C:EHLO c|S:250-x|S:250-PIPELINING|S:550 no|C:EHLO c|S:250 x|C:RSET|C:RSET|S:250 a|S:250 b|",
            "EHLO:550 EHLO:250 RSET:250 RSET:250p", "mixed-reply-codes pipelining-unadvertised", "", "Command" },

        // STARTTLS ends a transaction (RFC 3207 4.2), and QUIT whatever message the lines before were taken for
        { Talk.Envelope + "C:STARTTLS|S:220 go|", "MAIL:250 RCPT:250 STARTTLS:220", "", "None 1/0 -1/-1 0 Aborted Reset", "Tls" },
        { Talk.Hello + "C:DATA|S:250 x|C:Dear|S:500 no|C:QUIT|S:221 bye|C:XYZ a|S:500 b|", "DATA:250 ?:500 QUIT:221 XYZ:500",
            "command-after-quit unexpected-data-reply", "", "Quit" },

        // Recipients whose replies do not come
        { Lmtp + "C:DATA|S:354 go|C:a|C:.|", "LHLO:250 MAIL:250 RCPT:250 RCPT:250 DATA:354 .:-@3 .:-@4", "missing-reply",
            "Data 2/0 3/3 0 Unknown ConnectionEnded", "Command" },
        { Lmtp + "C:DATA|S:354 go|C:a|C:.|S:250 a|", "LHLO:250 MAIL:250 RCPT:250 RCPT:250 DATA:354 .:250@3 .:-@4", "missing-reply",
            "Data 2/0 3/3 250 Unknown ConnectionEnded", "Command" },
        { "S:220 l|C:LHLO c|S:250 l|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:550 b|C:DATA|S:354 go|C:a|C:.|",
            "LHLO:250 MAIL:250 RCPT:550 DATA:354 .:-", "data-without-recipients missing-reply", "Data 0/1 3/3 0 Unknown ConnectionEnded",
            "Command" },
        { Prdr + "C:DATA|S:354 go|C:a|C:.|S:353 soon|S:250 a|", "MAIL:250 RCPT:250 RCPT:250 DATA:354 .:353 .:250@3 .:-@4 .:-",
            "missing-reply",
            "Data 2/0 3/3 0 Unknown ConnectionEnded", "Command" },

        // LHLO that is refused
        { "S:220 s|C:LHLO c|S:500 no|C:EHLO c|S:250 s|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|C:BDAT " +
            "0 LAST|S:250 one|C:QUIT|S:221 bye|", "LHLO:500 EHLO:250 MAIL:250 RCPT:250 RCPT:250 BDAT:250 QUIT:221", "",
            "Bdat 2/0 0/0 250 Delivered FinalReply", "Quit" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dialogue_CutAnywhere_ComesToTheSameRecord(string dialogue, string exchanges, string anomalies, string transactions,
        string state)
    {
        var (record, played) = Talk.PlayEveryWay(dialogue);

        var seen = dialogue.StartsWith(Talk.Hello, StringComparison.Ordinal)
            ? record.Exchanges["EHLO:250".Length..].TrimStart() : record.Exchanges;
        Assert.Equal(exchanges, seen);
        Assert.Equal(anomalies, record.Anomalies);
        Assert.Equal(transactions, record.Transactions);
        Assert.Equal(state, played.FinalState.ToString());
    }

    [Fact]
    public void Hold_BeforeThe354AndBeyondItsBound_IsDataBefore354()
    {
        var (record, dialogue) = Talk.PlayEveryWay(
            Talk.Envelope + "C:DATA|C:" + new string('x', 80) + "|S:354 go|", new DialogueLimits { HeldOctets = 64 });

        Assert.Equal("data-before-354 left-tracking", record.Anomalies);
        Assert.Equal(OpaqueReason.Limit, dialogue.Opaque);
    }

    [Theory]
    [InlineData("S:220 s|C:LHLO c|S:500 no|", DialogueProtocol.Smtp)]
    [InlineData("S:220 s|C:LHLO c|S:250 s|C:LHLO c|S:500 no|", DialogueProtocol.Lmtp)]
    [InlineData("S:220 s|C:LHLO c|", DialogueProtocol.Lmtp)]
    public void Protocol_LhloRefused_IsWhatItWas(string text, DialogueProtocol protocol) =>
        Assert.Equal(protocol, Talk.PlayEveryWay(text).Dialogue.Protocol);

    [Fact]
    public void Join_AfterARefusedLhlo_ExpectsOneReplyToAMessage()
    {
        var before = Talk.PlayEveryWay("S:220 s|C:LHLO c|S:500 no|C:EHLO c|S:250 s|").Dialogue;
        var record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Join(before.Protocol);
        foreach (var (leg,
            octets) in Talk.Read(
                "C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|C:DATA|S:354 go|C:.|S:250 one|"))
        {
            _ = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
        }

        Assert.Equal(0, dialogue.Outstanding);
        Assert.Equal("Data 2/0 0/0 250 Delivered FinalReply", record.Transactions);
    }

    [Theory]
    [InlineData("TO:", false, "")]
    [InlineData("", false, "")]
    [InlineData("TO:  ", false, "")]
    [InlineData("TO:<>", true, "")]
    [InlineData("TO:c@d NOTIFY=NEVER", true, "c@d")]
    [InlineData("TO:<c@d>", true, "c@d")]
    public void Path_WhereThereIsNone_DoesNotExist(string arguments, bool exists, string address)
    {
        var path = MailPath.Parse(System.Text.Encoding.ASCII.GetBytes(arguments));

        Assert.Equal(exists, path.Exists);
        Assert.Equal(address, System.Text.Encoding.ASCII.GetString(path.Address));
    }
}
