using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

/// <summary>RFC 3030.</summary>
public sealed class SinkDialogueChunkingTests
{
    private const string Hello = "EHLO c\r\n";
    private const string Envelope = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n";

    [Fact]
    public void Bdat_OctetsThatLookLikeCommands_AreCountedAndNothingElse()
    {
        var talk = new SinkTalk();
        talk.Say(Hello + Envelope);
        Assert.Equal(["250 2.0.0", "250 2.0.0", "250 2.0.0"], talk.Codes("BDAT 9\r\nQUIT\r\n.\r\nbdat 4 last\r\nRSETNOOP\r\n"));
        var message = Assert.Single(talk.Mailbox.Messages());
        Assert.Equal(("BDAT", 13L), (message.Via, message.Octets));
    }

    [Theory]
    [InlineData("", "503 5.5.1")]
    [InlineData("MAIL FROM:<a@example.org>\r\n", "503 5.5.1")]
    [InlineData("MAIL FROM:<a@example.org>\r\nRCPT TO:<554-data@example.org>\r\n", "554 5.7.1")]
    public void Bdat_Refused_ItsOctetsFollowAllTheSame(string envelope, string expected)
    {
        var talk = new SinkTalk();
        talk.Say(Hello + envelope);
        Assert.Equal([expected, "250 2.0.0"], talk.Codes("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"));
    }

    [Fact]
    public void Bdat_AfterARefusedChunk_Is503UntilRset()
    {
        var talk = new SinkTalk(options: new SinkOptions { MaxSize = 5 });
        talk.Say(Hello + Envelope);
        Assert.Equal(
            ["250 2.0.0", "552 5.3.4", "503 5.5.1", "250 2.0.0", "503 5.5.1"],
            talk.Codes("BDAT 5\r\n12345BDAT 1\r\n6BDAT 1\r\n7RSET\r\nBDAT 0 LAST\r\n"));
        Assert.Empty(talk.Mailbox.Messages());
    }

    [Fact]
    public void Bdat_Empty_IsAnsweredAtOnce()
    {
        var talk = new SinkTalk();
        talk.Say(Hello + Envelope);
        Assert.Equal(["250 2.0.0", "250 2.0.0"], talk.Codes("BDAT 0\r\nBDAT 0 LAST\r\n"));
        Assert.Equal(0, Assert.Single(talk.Mailbox.Messages()).Octets);
    }

    [Theory]
    [InlineData("BDAT\r\n")]
    [InlineData("BDAT -1\r\n")]
    [InlineData("BDAT 1 FIRST\r\n")]
    [InlineData("BDAT 99999999999999999999\r\n")]
    public void Bdat_BadSize_SkipsNothing(string command)
    {
        var talk = new SinkTalk();
        talk.Say(Hello + Envelope);
        Assert.Equal(["501 5.5.4", "250 2.0.0"], talk.Codes(command + "NOOP\r\n"));
    }

    [Theory]
    [InlineData("DATA\r\n")]
    [InlineData("RCPT TO:<c@example.org>\r\n")]
    [InlineData("MAIL FROM:<c@example.org>\r\n")]
    public void Say_BetweenChunks_OnlyBdatGoesOn(string command)
    {
        var talk = new SinkTalk();
        talk.Say(Hello + Envelope + "BDAT 1\r\nx");
        Assert.Equal(["503 5.5.1", "250 2.0.0"], talk.Codes(command + "BDAT 1 LAST\r\nx"));
    }
}
