using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class SinkDialogueChosenAnswerTests
{
    [Theory]
    [InlineData("450@x", "b@x", "450 4.2.0,503 5.5.1,503 5.5.1")]
    [InlineData("a@x", "550@x", "250 2.1.0,550 5.1.1,503 5.5.1")]
    [InlineData("a@x", "550-5.2.1@x", "250 2.1.0,550 5.2.1,503 5.5.1")]
    [InlineData("451-rcpt@x", "b@x", "250 2.1.0,451 4.3.0,503 5.5.1")]
    [InlineData("554-data@x", "b@x", "250 2.1.0,250 2.1.5,554 5.7.1")]
    [InlineData("a@x", "450-data@x", "250 2.1.0,250 2.1.5,450 4.2.0")]
    [InlineData("a@x", "452-dot@x", "250 2.1.0,250 2.1.5,354,452 4.3.1")]
    [InlineData("450-dot@x", "550-dot@x", "250 2.1.0,250 2.1.5,354,450 4.2.0")]
    [InlineData("a@x", "450-mail@x", "250 2.1.0,250 2.1.5,354,250 2.0.0")]
    [InlineData("user+450@x", "450x@x", "250 2.1.0,250 2.1.5,354,250 2.0.0")]
    public void Addresses_AskForCodes_AreAnsweredSo(string from, string to, string expected)
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\n");
        var codes = talk.Codes($"MAIL FROM:<{from}>\r\nRCPT TO:<{to}>\r\nDATA\r\n");
        Assert.Equal(expected.Split(','), codes[^1] == "354" ? [.. codes, .. talk.Codes(".\r\n")] : codes);
    }

    [Fact]
    public void Rcpt_OfARefusedOne_LaterStagesAreForgotten()
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\nMAIL FROM:<a@x>\r\n");
        Assert.Equal(["550 5.1.1", "250 2.1.5", "354"], talk.Codes("RCPT TO:<550+550-data@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"));
    }

    [Fact]
    public void Plan_OfOneTransaction_IsNotForTheNext()
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\nMAIL FROM:<550-data@x>\r\nRSET\r\n");
        Assert.Equal(["250 2.1.0", "250 2.1.5", "354"], talk.Codes("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"));
    }

    [Theory]
    [InlineData("421@x", AnswerEnding.Close, "421 4.3.2")]
    [InlineData("drop@x", AnswerEnding.Drop, "")]
    [InlineData("reset@x", AnswerEnding.Reset, "")]
    public void Rcpt_AsksForAnEnd_NothingFollows(string to, object ending, string expected)
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\nMAIL FROM:<a@x>\r\n");
        Assert.Equal(expected.Split(',', StringSplitOptions.RemoveEmptyEntries), talk.Codes($"RCPT TO:<{to}>\r\nNOOP\r\n"));
        Assert.Equal((AnswerEnding)ending, talk.Ending);
    }

    [Fact]
    public void Quit_AskedBefore_IsRememberedBeyondTheTransaction()
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\nMAIL FROM:<450-quit@x>\r\nRSET\r\n");
        Assert.Equal(["450 4.2.0"], talk.Codes("QUIT\r\nNOOP\r\n"));
        Assert.Equal(AnswerEnding.Close, talk.Ending);
    }
}
