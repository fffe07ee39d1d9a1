using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>The rules of tracking, each as a dialogue with what it must come to; every one is played whole, octet by octet, in two pieces
/// at every index, and element by element.</summary>
public sealed class RuleTests
{
    private const string Data = Talk.Envelope + "C:DATA|S:354 go|";

    /// <summary>Dialogue, exchanges behind EHLO's, anomalies, transactions, final state.</summary>
    public static TheoryData<string, string, string, string, string> Rules => new()
    {
        // 2 Lines
        { Talk.Hello + "C~NOOP\n|S:250 ok|", "NOOP:250", "bare-lf-command", "", "Command" },
        { Talk.Hello + "C~NOOP a\rb\r\n|S:250 ok|", "NOOP:250", "bare-cr-command", "", "Command" },
        { Talk.Hello + "C~NOOP\r\r\n|S:250 ok|", "NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:NOOP \0|S:250 ok|", "NOOP:250", "nul-command", "", "Command" },
        { Talk.Hello + "C:NOOP \u00e9|S:250 ok|", "NOOP:250", "8bit-command", "", "Command" },
        { Talk.Hello + "C:MAIL FROM:<\u00e9@b> SMTPUTF8|S:250 ok|C:RCPT TO:<\u00e9@d>|S:250 ok|", "MAIL:250 RCPT:250", "",
            "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Hello + "C:VRFY \u00e9 SMTPUTF8|S:252 ok|", "VRFY:252", "", "", "Command" },
        { Talk.Hello + "C:NOOP " + Long(505) + "|S:250 ok|", "NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:NOOP " + Long(506) + "|S:250 ok|", "NOOP:250", "command-line-too-long", "", "Command" },
        { Talk.Hello + "C:MAIL FROM:<a@b> X=" + Long(2024)
            + "|S:250 ok|", "MAIL:250", "", "None 0/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Hello + "C:|S:500 what|C: |S:500 what|", "(empty):500 (empty):500", "", "", "Command" },
        { Talk.Hello + "C:b64==|S:500 what|C:x-CMD y|S:500 what|", "?:500 X-CMD:500", "", "", "Command" },
        { Talk.Hello + "C:MAIL FROM:<\u00e9@b> X=" + Long(3000)
            + " SMTPUTF8|S:250 ok|", "MAIL:250", "8bit-command command-line-too-long", "None 0/0 -1/-1 0 Aborted ConnectionEnded",
            "Command" },

        // 3 Replies
        { Talk.Hello + "C:NOOP|S:250|C:RSET|S:250 |C:NOOP|S:250-|S:250-a|S:250|", "NOOP:250 RSET:250 NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250-a|S:251 b|", "NOOP:251", "mixed-reply-codes", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250 2.1.0 ok|C:NOOP|S:250 2.1.0|C:NOOP|S:250 2.1.0x|C:NOOP|S:250 3.1.0 no|C:NOOP|S:550 5.1.1000 no|",
            "NOOP:250(2.1.0) NOOP:250(2.1.0) NOOP:250 NOOP:250 NOOP:550", "", "", "Command" },
        { Talk.Hello + "C:NOOP|S:oops|S:250 ok|", "NOOP:250", "malformed-reply", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250-a|S:25x b|S:250 ok|", "NOOP:250", "malformed-reply", "", "Command" },
        { Talk.Hello + "C:NOOP|S:199 early|C:NOOP|S:600 late|", "NOOP:199 NOOP:600", "reply-code-out-of-range", "", "Command" },
        { Talk.Hello + "C:NOOP|S~250 a\rb\n|", "NOOP:250", "bare-cr-reply bare-lf-reply", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250 \0|", "NOOP:250", "nul-reply", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250 " + Long(506) + "|", "NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:NOOP|S:250 " + Long(507) + "|", "NOOP:250", "reply-line-too-long", "", "Command" },

        // 4 Matching
        { Talk.Hello + "C:RSET|C:MAIL FROM:<a@b>|S:250 one|S:250 two|", "RSET:250 MAIL:250p", "",
            "None 0/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { "S:220 x|C:HELO c|S:250 x|C:RSET|C:RSET|S:250 a|S:250 b|", "HELO:250 RSET:250 RSET:250p", "pipelining-unadvertised", "",
            "Command" },
        { Talk.Hello + "C:NOOP|C:RSET|S:250 a|S:250 b|", "NOOP:250 RSET:250p", "pipelining-sync-violation", "", "Command" },
        { Talk.Hello + "C:QUIT|C:NOOP|S:221 bye|", "QUIT:221 NOOP:-p", "command-after-quit pipelining-sync-violation", "", "Quit" },
        { "C:EHLO c|S:220 x|S:250 x|", "EHLO:250p", "early-talker", "", "Command" },
        { Talk.Hello + "C:NOOP|", "NOOP:-", "missing-reply", "", "Command" },
        { "S:220 x|C:EHLO c|S:250-x|S:250 XODD PIPELINING|C:RSET|C:RSET|S:250 a|S:250 b|", "EHLO:250 RSET:250 RSET:250p",
            "pipelining-unadvertised", "", "Command" },

        // 5 Envelope and DATA
        { Talk.Envelope + "C:RSET|S:500 no|", "MAIL:250 RCPT:250 RSET:500", "", "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Envelope + "C:MAIL FROM:<x@y>|S:250 again|", "MAIL:250 RCPT:250 MAIL:250", "",
            "None 1/0 -1/-1 0 Aborted Reset; None 0/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Envelope + "C:EHLO again|S:250 x|", "MAIL:250 RCPT:250 EHLO:250", "", "None 1/0 -1/-1 0 Aborted Reset", "Command" },
        { Talk.Envelope + "C:QUIT|S:221 bye|", "MAIL:250 RCPT:250 QUIT:221", "", "None 1/0 -1/-1 0 Aborted Quit", "Quit" },
        { Data + "C:..a|C:.|S:250 2.0.0 ok|", "MAIL:250 RCPT:250 DATA:354 .:250(2.0.0)", "", "Data 1/0 5/4 250 Delivered FinalReply",
            "Command" },
        { Data + "C:.|S:554 no|", "MAIL:250 RCPT:250 DATA:354 .:554", "", "Data 1/0 0/0 554 Failed FinalReply", "Command" },
        { Talk.Envelope + "C:DATA|S:300 odd|C:.|S:250 ok|", "MAIL:250 RCPT:250 DATA:300 .:250", "nonstandard-go-ahead",
            "Data 1/0 0/0 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:DATA|S:451 no|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 DATA:451 RSET:250", "", "None 1/0 -1/-1 0 Aborted Reset",
            "Command" },
        { Talk.Envelope + "C:DATA|C:a|C:.|C:QUIT|S:354 go|S:250 ok|S:221 bye|", "MAIL:250 RCPT:250 DATA:354 .:250p QUIT:221p",
            "data-before-354 pipelining-sync-violation", "Data 1/0 3/3 250 Delivered FinalReply", "Quit" },
        { Talk.Hello + "C:MAIL FROM:<a@b>|S:250 ok|C:DATA|S:354 go|C:.|S:554 no|", "MAIL:250 DATA:354 .:554", "data-without-recipients",
            "Data 0/0 0/0 554 Failed FinalReply", "Command" },
        { Data + "C~a\n.\nb\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "bare-lf-data nonstandard-eod",
            "Data 1/0 7/7 250 Delivered FinalReply", "Command" },
        { Data + "C~a\n.b\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "bare-lf-data", "Data 1/0 6/6 250 Delivered FinalReply",
            "Command" },
        { Data + "C~a\r\n.\r\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "bare-cr-data nonstandard-eod",
            "Data 1/0 7/6 250 Delivered FinalReply", "Command" },
        { Data + "C~a\r\n\0.\0\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "nonstandard-eod nul-data",
            "Data 1/0 8/8 250 Delivered FinalReply", "Command" },
        { Data + "C~" + Long(998) + "\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "",
            "Data 1/0 1000/1000 250 Delivered FinalReply", "Command" },
        { Data + "C~." + Long(998) + "\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "",
            "Data 1/0 1001/1000 250 Delivered FinalReply", "Command" },
        { Data + "C~" + Long(999) + "\r\n.\r\n|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "text-line-too-long",
            "Data 1/0 1001/1001 250 Delivered FinalReply", "Command" },
        { Data + "C:half|S:552 too much|C:.|C:RSET|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:552 RSET:250", "reply-before-eod",
            "Data 1/0 6/6 552 Failed FinalReply", "Command" },
        { Data + "C:half|S:250 what|C:.|", "MAIL:250 RCPT:250 DATA:354 .:250", "reply-before-eod", "Data 1/0 -1/-1 250 Delivered Opaque",
            "Opaque" },
        { Data + "C~half|", "MAIL:250 RCPT:250 DATA:354", "truncated-data", "Data 1/0 -1/-1 0 Aborted ConnectionEnded", "Data" },
        { Data + "C:x|C:.|", "MAIL:250 RCPT:250 DATA:354 .:-", "missing-reply", "Data 1/0 3/3 0 Unknown ConnectionEnded", "Command" },
        { Talk.Hello
            + "C:MAIL FROM:<a@b> PRDR|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|C:RCPT TO:<e@f>|S:250 ok|C:DATA|S:354 go|C:.|S:353 each|S:250 " +
                "one|S:550 two|S:250 all|", "MAIL:250 RCPT:250 RCPT:250 DATA:354 .:353 .:250@3 .:550@4 .:250", "",
                "Data 2/0 0/0 250 Delivered FinalReply", "Command" },
        { Talk.Hello + "C:MAIL FROM:<a@b> PRDR|S:250 ok|C:RCPT TO:<c@d>|S:250 ok|C:DATA|S:354 go|C:.|S:250 all|",
            "MAIL:250 RCPT:250 DATA:354 .:250", "", "Data 1/0 0/0 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BURL imap://x|S:250 more|C:BURL imap://y LAST|S:250 done|", "MAIL:250 RCPT:250 BURL:250 BURL:250", "",
            "Burl 1/0 -1/-1 250 Delivered FinalReply", "Command" },

        // 6 BDAT
        { Talk.Envelope + "C:bdat 3|C~x\r\n|C:BDAT 4 last|C~QUITNOOP\r\n|S:250 a|S:250 b|S:250 c|",
            "MAIL:250 RCPT:250 BDAT:250 BDAT:250p NOOP:250p", "", "Bdat 1/0 7/7 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT 0 LAST|S:250 ok|", "MAIL:250 RCPT:250 BDAT:250", "", "Bdat 1/0 0/0 250 Delivered FinalReply", "Command" },
        { Talk.Envelope + "C:BDAT 3|C~abc|C:RSET|S:452 full|S:250 ok|", "MAIL:250 RCPT:250 BDAT:452 RSET:250p", "",
            "Bdat 1/0 -1/-1 0 Failed Reset", "Command" },
        { Talk.Envelope + "C:BDAT|C:BDAT -1|C:BDAT 99999999999999999999|C:BDAT 1 FIRST|C:BDAT 0x1|S:501 a|S:501 b|S:501 c|S:501 d|S:501 e|",
            "MAIL:250 RCPT:250 BDAT:501 BDAT:501p BDAT:501p BDAT:501p BDAT:501p", "bad-bdat", "None 1/0 -1/-1 0 Aborted ConnectionEnded",
            "Command" },
        { Talk.Envelope + "C:BDAT 9|C~abc|", "MAIL:250 RCPT:250 BDAT:-", "missing-reply truncated-data",
            "Bdat 1/0 -1/-1 0 Aborted ConnectionEnded", "Bdat" },
        { Talk.Envelope + "C:BDAT 18446744073709551615|C~QUIT\r\n|", "MAIL:250 RCPT:250 BDAT:-", "missing-reply truncated-data",
            "Bdat 1/0 -1/-1 0 Aborted ConnectionEnded", "Bdat" },
        { Talk.Envelope + "C:BDAT 18446744073709551616|C:QUIT|S:501 no|S:221 bye|", "MAIL:250 RCPT:250 BDAT:501 QUIT:221p", "bad-bdat",
            "None 1/0 -1/-1 0 Aborted Quit", "Quit" },

        // 7 STARTTLS and TLS
        { Talk.Hello + "C:STARTTLS|S:220 go|C~\u0016\u0003\u0001x|S~\u0016\u0003\u0003y|", "STARTTLS:220", "", "", "Tls" },
        { Talk.Hello + "C:STARTTLS|C:RSET|S:454 no|S:250 ok|", "STARTTLS:454 RSET:250p", "pipelining-sync-violation", "", "Command" },
        { Talk.Hello + "C:STARTTLS|C~\u0016\u0003\u0001|S:220 go|", "STARTTLS:220", "tls-before-220", "", "Tls" },
        { Talk.Hello + "C:STARTTLS|C:NOOP|S:220 go|", "STARTTLS:220", "starttls-injection-client", "", "Tls" },
        { Talk.Hello + "C:STARTTLS|S:220 go|S:250 evil|", "STARTTLS:220", "starttls-injection-server", "", "Tls" },
        { Talk.Hello + "C:STARTTLS|S:220 go|C:EHLO plain|", "STARTTLS:220", "non-tls-after-starttls", "", "Tls" },
        { Talk.Hello + "C:STARTTLS|S:220 go|C~\u0016\u0004|", "STARTTLS:220", "non-tls-after-starttls", "", "Tls" },
        { Data + "C:STARTTLS|C:.|S:250 ok|", "MAIL:250 RCPT:250 DATA:354 .:250", "", "Data 1/0 10/10 250 Delivered FinalReply", "Command" },
        { "S:220 x|C~\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002c|", "", "tls-on-plaintext", "", "Opaque" },

        // 8 AUTH
        { Talk.Hello + "C:AUTH LOGIN|S:334 a|C:QUIT|S:334 b|C:|S:535 5.7.8 no|C:QUIT|S:221 bye|", "AUTH:535(5.7.8) QUIT:221", "", "",
            "Quit" },
        { Talk.Hello + "C:AUTH PLAIN AHgAeQ==|S:235 ok|", "AUTH:235", "", "", "Command" },
        { Talk.Hello + "C:AUTH LOGIN|S:334 a|C:*|S:501 cancelled|C:NOOP|S:250 ok|", "AUTH:501 NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:AUTH LOGIN|C:dXNlcg|C:cGFzcw|S:334 a|S:334 b|S:235 ok|", "AUTH:235", "auth-data-before-334", "", "Command" },
        { Talk.Hello + "C:AUTH LOGIN|S:334 a|", "AUTH:-", "missing-reply", "", "Auth" },
        { Talk.Hello + "C:RSET|S:334 odd|", "RSET:334", "unexpected-334", "", "Command" },

        // 9 LMTP
        { "S:220 l|C:LHLO c|S:250-l|S:250 PIPELINING|C:MAIL FROM:<a@b>|C:RCPT TO:<c@d>|C:RCPT TO:<e@f>|C:RCPT TO:<g@h>|C:DATA|S:250 a|" +
            "S:250 b|S:550 no|S:250 d|S:354 go|C:.|S:250 one|S:452 two|",
            "LHLO:250 MAIL:250 RCPT:250p RCPT:550p RCPT:250p DATA:354p .:250@3 .:452@5", "", "Data 2/1 0/0 452 Partial FinalReply",
            "Command" },
        { "S:220 l|C:LHLO c|S:250-l|S:250 CHUNKING|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|C:BDAT 1|" +
            "C~x|S:250 more|C:BDAT 0 LAST|S:250 one|", "LHLO:250 MAIL:250 RCPT:250 RCPT:250 BDAT:250 BDAT:250@3 BDAT:-@4", "missing-reply",
            "Bdat 2/0 1/1 250 Unknown ConnectionEnded", "Command" },
        { "S:220 l|C:LHLO c|S:250 l|C:MAIL FROM:<a@b>|S:250 a|C:DATA|S:354 go|C:.|S:503 none|C:QUIT|S:221 bye|",
            "LHLO:250 MAIL:250 DATA:354 .:503 QUIT:221", "data-without-recipients", "Data 0/0 0/0 503 Failed FinalReply", "Quit" },
        { "S:220 s|C:LHLO c|S:502 no|C:EHLO c|S:250 s|C:MAIL FROM:<a@b>|S:250 a|C:RCPT TO:<c@d>|S:250 b|C:RCPT TO:<e@f>|S:250 b|C:DATA|" +
            "S:354 go|C:.|S:250 one|C:NOOP|S:250 ok|", "LHLO:502 EHLO:250 MAIL:250 RCPT:250 RCPT:250 DATA:354 .:250 NOOP:250", "",
            "Data 2/0 0/0 250 Delivered FinalReply", "Command" },

        // 10 Other commands
        { Talk.Hello + "C:XCLIENT ADDR=192.0.2.1|S:220 again|C:RSET|C:RSET|S:250 a|S:250 b|", "XCLIENT:220 RSET:250 RSET:250p",
            "pipelining-unadvertised", "", "Command" },
        { Talk.Envelope + "C:VRFY x|S:252 a|C:EXPN x|S:502 b|C:HELP|S:214 c|C:ETRN x|S:253 d|C:XFORWARD NAME=x|S:250 e|",
            "MAIL:250 RCPT:250 VRFY:252 EXPN:502 HELP:214 ETRN:253 XFORWARD:250", "", "None 1/0 -1/-1 0 Aborted ConnectionEnded",
            "Command" },
        { Talk.Hello + "C:QUIT|S:500 no|C:NOOP|S:250 ok|", "QUIT:500 NOOP:250", "", "", "Command" },
        { Talk.Hello + "C:ATRN x|S:250 turn|S:EHLO you|", "ATRN:250", "role-reversal", "", "Opaque" },
        { Talk.Hello + "C:TURN|C:NOOP|S:502 no|S:250 ok|", "TURN:502 NOOP:250p", "pipelining-sync-violation", "", "Command" },
        { Talk.Hello + "C:XYZZY|S:350 more|C:whatever|", "XYZZY:350", "left-tracking", "", "Opaque" },
        { Talk.Hello + "C:NOOP|S:354 odd|C:RSET|S:350 odd|", "NOOP:354 RSET:350", "unexpected-354 unexpected-3yz", "", "Command" },
        { Talk.Envelope + "C:DATA|S:250 what|C:NOOP|S:250 ok|", "MAIL:250 RCPT:250 DATA:250 NOOP:250", "unexpected-data-reply",
            "None 1/0 -1/-1 0 Aborted ConnectionEnded", "Command" },
        { Talk.Hello + "C:GET / HTTP/1.1|S:500 no|C:POST x|S:500 no|", "GET:500 POST:500", "http-request", "", "Command" },

        // 11 and 13 Doubt, ends
        { Talk.Hello + "C:RSET|C:MAIL FROM:<a@b>|S:421 bye|", "RSET:421 MAIL:-p", "", "", "Closing421" },
        { Talk.Hello + "S:421 bye|", "", "unsolicited-421", "", "Closing421" },
        { Talk.Hello + "S:250 what|C:NOOP|S:250 ok|", "", "unsolicited-reply", "", "Opaque" },
        { "S:hello|", "", "not-smtp", "", "Opaque" },
        { "S:554 no|", "", "", "", "Rejected" },
        { "S:22|", "", "malformed-reply missing-greeting", "", "Greeting" },
        { "S~22|", "", "missing-greeting truncated-reply", "", "Reply" },
        { Talk.Hello + "C~NOO|", "", "truncated-command", "", "Command" },
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void Dialogue_CutAnywhere_ComesToTheSameRecord(string dialogue, string exchanges, string anomalies, string transactions,
        string state)
    {
        var (record, played) = Talk.PlayEveryWay(dialogue);

        var seen = record.Exchanges.StartsWith("EHLO:250", StringComparison.Ordinal)
            && dialogue.StartsWith(Talk.Hello, StringComparison.Ordinal)
            ? record.Exchanges["EHLO:250".Length..].TrimStart() : record.Exchanges;
        Assert.Equal(exchanges, seen);
        Assert.Equal(anomalies, record.Anomalies);
        Assert.Equal(transactions, record.Transactions);
        Assert.Equal(state, played.FinalState.ToString());
    }

    [Fact]
    public void Anomalies_AllOfThem_AreRaisedByTheseRules()
    {
        var raised = Rules.SelectMany(static rule => ((string)rule[2]).Split(' ')).ToHashSet();
        Assert.Equal([], Enum.GetValues<Anomaly>().Select(WireNames.Of).Where(name => !raised.Contains(name)));
    }

    private static string Long(int octets) => new('x', octets);
}
