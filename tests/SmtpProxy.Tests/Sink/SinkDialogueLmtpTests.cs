using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

/// <summary>RFC 2033.</summary>
public sealed class SinkDialogueLmtpTests
{
    private const string Hello = "LHLO c\r\n";
    private const string Mail = "MAIL FROM:<a@example.org>\r\n";

    [Theory]
    [InlineData("EHLO c\r\n")]
    [InlineData("HELO c\r\n")]
    public void Hello_OfSmtp_Is500(string hello) => Assert.Equal(["500 5.5.1", "503 5.5.1"], new SinkTalk(lmtp: true).Codes(hello + Mail));

    [Theory]
    [InlineData("DATA\r\nhi\r\n.\r\n", "354,")]
    [InlineData("BDAT 2\r\nhiBDAT 0 LAST\r\n", "250 2.0.0,")]
    public void EndOfData_EachRecipient_HasAReplyOfItsOwn(string data, string before)
    {
        var talk = new SinkTalk(lmtp: true);
        talk.Say(Hello + Mail
            + "RCPT TO:<b@example.org>\r\nRCPT TO:<550@example.org>\r\nRCPT TO:<452-dot@example.org>\r\nRCPT TO:<b@example.org>\r\n");
        Assert.Equal((before + "250 2.0.0,452 4.3.1,250 2.0.0").Split(','), talk.Codes(data));
        Assert.Equal(["b@example.org", "b@example.org"], Assert.Single(talk.Mailbox.Messages()).Recipients);
    }

    [Fact]
    public void EndOfData_SenderAsked_EveryRecipientIsRefused()
    {
        var talk = new SinkTalk(lmtp: true);
        talk.Say(Hello + "MAIL FROM:<451-4.7.1-dot@example.org>\r\nRCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\n");
        Assert.Equal(["354", "451 4.7.1", "451 4.7.1"], talk.Codes("DATA\r\n.\r\n"));
        Assert.Empty(talk.Mailbox.Messages());
    }

    [Theory]
    [InlineData("DATA\r\n")]
    [InlineData("BDAT 0 LAST\r\n")]
    public void Data_NoRecipient_Is503Once(string data)
    {
        var talk = new SinkTalk(lmtp: true);
        talk.Say(Hello + Mail + "RCPT TO:<550@example.org>\r\n");
        Assert.Equal(["503 5.5.1", "250 2.0.0"], talk.Codes(data + "NOOP\r\n"));
    }

    [Fact]
    public void LastChunk_Refused_IsSoForEachRecipient()
    {
        var talk = new SinkTalk(lmtp: true, new SinkOptions { MaxSize = 1 });
        talk.Say(Hello + Mail + "RCPT TO:<b@example.org>\r\nRCPT TO:<c@example.org>\r\n");
        Assert.Equal(["552 5.3.4", "503 5.5.1", "503 5.5.1"], talk.Codes("BDAT 2\r\nhiBDAT 0 LAST\r\n"));
    }
}
