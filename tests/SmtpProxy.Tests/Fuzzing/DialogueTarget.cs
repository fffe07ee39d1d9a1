using SmtpProxy.Protocol;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Fuzzing;

/// <summary>A dialogue of any octets of both sides, in any order: no exception, every octet counted, and the same facts whole,
/// cut, and octet by octet.</summary>
internal static class DialogueTarget
{
    /// <summary>From here on it is the other side that speaks.</summary>
    public const byte OtherSide = 0xFE;

    public static readonly string[] Tokens =
    [
        "\u00fe", "220 ready\r\n\u00fe", "EHLO c\r\n\u00fe", "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n\u00fe", "250 ok\r\n\u00fe",
        "354 go\r\n\u00fe", "334 x\r\n\u00fe", "353 each\r\n",
        "421 4.3.2 bye\r\n", "550 5.1.1 no\r\n", "450-a\r\n450 b\r\n", "LHLO c\r\n", "MAIL FROM:<a@b>\r\n\u00fe", "MAIL FROM:<> PRDR\r\n",
        "RCPT TO:<c@d>\r\n\u00fe", "DATA\r\n\u00fe",
        "\r\n.\r\n", ".\r\n\u00fe", "\n.\n", "\r.\r", "..\r\n", "BDAT 5\r\nhello", "BDAT 0 LAST\r\n\u00fe", "BDAT 18446744073709551615\r\n",
        "BDAT x\r\n", "RSET\r\n", "NOOP\r\n", "QUIT\r\n\u00fe", "221 bye\r\n",
        "STARTTLS\r\n\u00fe", "\u0016\u0003\u0001\u0000\u0030\u0001\u0000\u0000\u002c", "AUTH PLAIN AA==\r\n\u00fe", "AUTH LOGIN\r\n\u00fe",
        "*\r\n", "235 in\r\n", "TURN\r\n", "XCLIENT NAME=x\r\n", "GET / HTTP/1.1\r\n",
        "BURL x LAST\r\n", "VRFY x\r\n", "\r\n", "\n", "\r", "\0", "0 info\r\n", "600 x\r\n", "25",
    ];

    public static readonly string[] Seeds =
    [
        "\u00fe220 ready\r\n\u00feEHLO c\r\n\u00fe250-x\r\n250-PIPELINING\r\n250-PRDR\r\n250 CHUNKING\r\n\u00feMAIL FROM:<a@b>\r\nRCPT " +
            "TO:<c@d>\r\nDATA\r\n\u00fe250 ok\r\n250 ok\r\n354 go\r\n\u00fetext\r\n.\r\nQUIT\r\n\u00fe250 ok\r\n221 bye\r\n",
        "\u00fe220 ready\r\n\u00feLHLO c\r\n\u00fe250 x\r\n\u00feMAIL FROM:<a@b>\r\n\u00fe250 ok\r\n\u00feRCPT TO:<c@d>\r\n\u00fe250 " +
            "ok\r\n\u00feBDAT 5 LAST\r\nhello\u00fe250 ok\r\n",
        "\u00fe220 ready\r\n\u00feEHLO c\r\n\u00fe250 AUTH LOGIN\r\n\u00feAUTH LOGIN\r\n\u00fe334 x\r\n\u00feYQ==\r\n\u00fe535 no\r\n" +
            "\u00feSTARTTLS\r\n\u00fe220 go\r\n\u00fe\u0016\u0003\u0001",
    ];

    public static void Try(byte[] input)
    {
        var whole = Play(input, int.MaxValue);
        FuzzTarget.Holds(whole == Play(input, 1), "octet by octet it is another record");
        FuzzTarget.Holds(whole == Play(input, 2 + (input.Length % 7)), "in pieces it is another record");
    }

    private static (ulong Facts, string State) Play(byte[] input, int size)
    {
        var facts = new FactsHash();
        var dialogue = new Dialogue(facts, DialogueLimits.Default);
        dialogue.Start();
        var leg = Leg.Client;
        Span<long> octets = [0, 0];
        for (var at = 0; at < input.Length;)
        {
            var end = Array.IndexOf(input, OtherSide, at) is >= 0 and var other ? other : input.Length;
            octets[(int)leg] += end - at;
            for (; at < end; at += Math.Min(size, end - at))
            {
                Feed(dialogue, leg, input.AsSpan(at, Math.Min(size, end - at)));
            }

            at++;
            leg = leg.Other();
        }

        dialogue.Ended(Leg.Client);
        dialogue.Ended(Leg.Relay);
        dialogue.Finish();
        FuzzTarget.Holds(dialogue.Octets(Leg.Client) == octets[0] && dialogue.Octets(Leg.Relay) == octets[1], "octets are not all counted");
        FuzzTarget.Holds(dialogue.Opaque != OpaqueReason.InternalError, "it failed inside");
        return (facts.Value, $"{dialogue.FinalState} {dialogue.Tls} {dialogue.Protocol} {dialogue.Opaque}");
    }

    private static void Feed(Dialogue dialogue, Leg leg, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var least = leg == Leg.Client && dialogue.InsideCommand ? 0 : 1;
            var taken = leg == Leg.Client ? dialogue.FromClient(octets, StopAt.Never) : dialogue.FromRelay(octets, StopAt.Never);
            FuzzTarget.Holds(taken >= least && taken <= octets.Length, "it takes more than there is, or nothing");
            octets = octets[taken..];
        }
    }
}
