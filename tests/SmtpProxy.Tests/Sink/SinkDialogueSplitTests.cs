using CsCheck;
using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

/// <summary>How octets are cut makes no difference.</summary>
public sealed class SinkDialogueSplitTests
{
    private const string Smtp =
        "NOOP\n\r\nEHLO c\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\nMAIL FROM:<a@example.org> SIZE=9\r\nRCPT TO:<b@example.org>\r\nRCPT " +
            "TO:<550@example.org>\r\nDATA\r\n"
        + ".a\r\n..\r\nb\n.\nc\r.\r\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<451-dot@example.org>\r\nBDAT 6\r\nQUIT\r\nBDAT 3 LAST\r\n.\r\nBDAT " +
            "x\r\nRSET\r\n"
        + "AUTH PLAIN\r\n*\r\nMAIL FROM:<\"a>\"@example.org> BODY=8BITMIME\r\nRCPT TO:<c@example.org>\r\nDATA\r\n.\r\nQUIT\r\n";

    private const string Lmtp =
        "LHLO c\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<450-dot@example.org>\r\nDATA\r\nx\r\n.\r\n"
        + "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\nBDAT 1\r\nxBDAT 0 LAST\r\nQUIT\r\n";

    private static readonly string[] _pieces =
    [
        "EHLO c\r\n", "HELO c\r\n", "MAIL FROM:<a@x>\r\n", "RCPT TO:<b@x>\r\n", "DATA\r\n", ".\r\n", "\r\n.\r\n", "BDAT 3\r\n",
        "BDAT 2 LAST\r\n", "RSET\r\n",
        "AUTH LOGIN\r\n", "AUTH PLAIN =\r\n", "*\r\n", "RCPT TO:<450@x>\r\n", "RCPT TO:<delay-1s-dot@x>\r\n", "\n", "\r", "<", ">", " ",
        "QUIT\r\n",
    ];

    [Theory]
    [InlineData(false, Smtp)]
    [InlineData(true, Lmtp)]
    public void Say_CutAtEveryOctet_IsAnsweredTheSame(bool isLmtp, string dialogue)
    {
        var whole = new SinkTalk(isLmtp);
        var replies = whole.Say(dialogue);
        Assert.EndsWith("221 2.0.0 Bye\r\n", replies, StringComparison.Ordinal);
        for (var at = 1; at < dialogue.Length; at++)
        {
            var cut = new SinkTalk(isLmtp);
            Assert.Equal(replies, cut.Say(dialogue[..at]) + cut.Say(dialogue[at..]));
            Assert.Equal(Kept(whole), Kept(cut));
        }
    }

    [Theory]
    [InlineData(false, Smtp)]
    [InlineData(true, Lmtp)]
    public void Say_OctetByOctet_IsAnsweredTheSame(bool isLmtp, string dialogue)
    {
        var whole = new SinkTalk(isLmtp);
        var replies = whole.Say(dialogue);
        var cut = new SinkTalk(isLmtp);
        Assert.Equal(replies, string.Concat(dialogue.Select(octet => cut.Say(octet.ToString()))));
        Assert.Equal(Kept(whole), Kept(cut));
    }

    [Fact]
    public void Say_AnyOctets_AreAnsweredWholeAndTheSameHoweverCut()
    {
        var piece = Gen.OneOf(Gen.Int[0, _pieces.Length - 1].Select(n => _pieces[n]), Gen.Char[' ', '~'].Select(c => c.ToString()));
        Gen.Select(piece.Array[0, 30].Select(string.Concat), Gen.Int[0, 200]).Sample((dialogue, at) =>
        {
            at = Math.Min(at, dialogue.Length);
            var replies = new SinkTalk().Say(dialogue);
            var cut = new SinkTalk();
            var first = cut.Say(dialogue[..at]);
            Assert.Equal(replies, cut.Ending == AnswerEnding.None ? first + cut.Say(dialogue[at..]) : first);
            Assert.All(replies.Split("\r\n")[..^1], line => Assert.Matches("^[2345][0-9][0-9][ -]", line));
        });
    }

    private static string Kept(SinkTalk talk) => string.Join('\n', talk.Mailbox.Messages()
        .Select(message =>
            $"{message.Id} {message.From} {string.Join(',', message.Recipients)} {message.Octets} {message.Via} {message.Protocol}"));
}
