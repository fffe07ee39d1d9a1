using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class SinkDialogueTests
{
    private const string Mail = "MAIL FROM:<a@example.org>\r\n";
    private const string Rcpt = "RCPT TO:<b@example.org>\r\n";

    [Theory]
    [InlineData("", "EHLO client\r\n", "250")]
    [InlineData("", "HELO client\r\n", "250")]
    [InlineData("", "EHLO\r\n", "501 5.5.4")]
    [InlineData("", "LHLO client\r\n", "500 5.5.1")]
    [InlineData("", Mail, "503 5.5.1")]
    [InlineData("", "AUTH PLAIN AGEAYg==\r\n", "503 5.5.1")]
    [InlineData("", "NOOP\r\n", "250 2.0.0")]
    [InlineData("", "RSET\r\n", "250 2.0.0")]
    [InlineData("", "RSET now\r\n", "501 5.5.4")]
    [InlineData("", "QUIT now\r\n", "501 5.5.4")]
    [InlineData("", "QUIT\r\n", "221 2.0.0")]
    [InlineData("", "HELP\r\n", "214 2.0.0")]
    [InlineData("", "VRFY someone\r\n", "252 2.1.5")]
    [InlineData("", "VRFY\r\n", "501 5.5.4")]
    [InlineData("", "EXPN list\r\n", "252 2.1.5")]
    [InlineData("", "STARTTLS\r\n", "502 5.5.1")]
    [InlineData("", "XYZZY\r\n", "500 5.5.2")]
    [InlineData("", "\r\n", "500 5.5.2")]
    [InlineData("", "NO\rOP\r\n", "500 5.5.2")]
    [InlineData("", "NOOP \0\r\n", "500 5.5.2")]
    [InlineData("", "noop\n", "250 2.0.0")]
    [InlineData("EHLO c\r\n", Mail, "250 2.1.0")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<>\r\n", "250 2.1.0")]
    [InlineData("EHLO c\r\n", "mail from: <@hop,@hop2:a@example.org>  SIZE=9 body=8bitmime\r\n", "250 2.1.0")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<\"a b>\"@example.org> RET=HDRS ENVID=x AUTH=<>\r\n", "250 2.1.0")]
    [InlineData("EHLO c\r\n", "MAIL FROM:a@example.org\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL TO:<a@example.org>\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<nobody>\r\n", "501 5.1.7")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a..b@example.org>\r\n", "501 5.1.7")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@exa mple.org>\r\n", "501 5.1.7")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> SIZE=36700161\r\n", "552 5.3.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> SIZE=99999999999999999999\r\n", "552 5.3.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> SIZE=x\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> SIZE=1 SIZE=1\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> BODY=BINARYMIME\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<a@example.org> NOTIFY=NEVER\r\n", "555 5.5.4")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<\u00e4@example.org>\r\n", "553 5.6.7")]
    [InlineData("EHLO c\r\n", "MAIL FROM:<\u00e4@example.org> SMTPUTF8\r\n", "250 2.1.0")]
    [InlineData("EHLO c\r\n", Rcpt, "503 5.5.1")]
    [InlineData("EHLO c\r\n", "DATA\r\n", "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail, Mail, "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail, "DATA\r\n", "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail, Rcpt, "250 2.1.5")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<Postmaster>\r\n", "250 2.1.5")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<b@[192.0.2.1]> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;b@example.org\r\n", "250 2.1.5")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<>\r\n", "501 5.1.3")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<b@example.org> NOTIFY=NEVER,DELAY\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<b@example.org> SIZE=1\r\n", "555 5.5.4")]
    [InlineData("EHLO c\r\n" + Mail, "RCPT TO:<\u00e4@example.org>\r\n", "553 5.6.7")]
    [InlineData("EHLO c\r\n" + Mail, "AUTH PLAIN AGEAYg==\r\n", "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt, "DATA now\r\n", "501 5.5.4")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt, "DATA\r\n", "354")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt + "RSET\r\n", "DATA\r\n", "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt + "EHLO again\r\n", "DATA\r\n", "503 5.5.1")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt + "EHLO\r\n", "DATA\r\n", "354")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt + "NOOP\r\nVRFY x\r\n", "DATA\r\n", "354")]
    [InlineData("EHLO c\r\n" + Mail + Rcpt + "DATA\r\nhi\r\n.\r\n", "DATA\r\n", "503 5.5.1")]
    public void Say_InThisState_IsAnsweredByTheRfc(string before, string command, string expected)
    {
        var talk = new SinkTalk();
        talk.Say(before);
        Assert.Equal([expected], talk.Codes(command));
    }

    [Fact]
    public void Ehlo_Capabilities_AreAllThatTheSinkCan() => Assert.Equal(
        "250-sink.localhost\r\n250-PIPELINING\r\n250-SIZE 36700160\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n"
        + "250-CHUNKING\r\n250-DSN\r\n250-AUTH PLAIN LOGIN\r\n250 HELP\r\n",
        new SinkTalk().Say("EHLO client\r\n"));

    [Theory]
    [InlineData("\r\n.\r\n", 2)]
    [InlineData(".\r\n", 0)]
    [InlineData("a\n.\nb\r\n.\r\n", 7)]
    [InlineData("a\r.\rb\r\n.\r\n", 7)]
    [InlineData("a\r\n.\nb\r\n.\r\n", 7)]
    [InlineData("a\r\n..\r\n.\r\n", 6)]
    [InlineData("a\n.\r\nQUIT\r\n.\r\n", 11)]
    public void Data_OnlyADotBetweenCrLf_EndsIt(string body, long octets)
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\n" + Mail + Rcpt + "DATA\r\n");
        Assert.Equal(["250 2.0.0"], talk.Codes(body));
        Assert.Equal(octets, Assert.Single(talk.Mailbox.Messages()).Octets);
    }

    [Fact]
    public void Data_LargerThanSize_IsReadToItsEndAndRefused()
    {
        var talk = new SinkTalk(options: new SinkOptions { MaxSize = 10 });
        talk.Say("EHLO c\r\n" + Mail + Rcpt + "DATA\r\n");
        Assert.Equal(["552 5.3.4", "250 2.0.0"], talk.Codes("0123456789\r\n.\r\nNOOP\r\n"));
        Assert.Empty(talk.Mailbox.Messages());
    }

    [Fact]
    public void Rcpt_OneMoreThanAllowed_Is452AndTheOthersGetTheirMail()
    {
        var talk = new SinkTalk(options: new SinkOptions { MaxRecipients = 2 });
        talk.Say("EHLO c\r\n" + Mail);
        Assert.Equal(["250 2.1.5", "250 2.1.5", "452 4.5.3", "354", "250 2.0.0"], talk.Codes(Rcpt + Rcpt + Rcpt + "DATA\r\n.\r\n"));
        Assert.Equal(2, Assert.Single(talk.Mailbox.Messages()).RecipientCount);
    }

    [Fact]
    public void Say_LineTooLong_Is500AndTheNextOneIsRead()
    {
        var talk = new SinkTalk();
        Assert.Equal(["500 5.5.2", "250 2.0.0"], talk.Codes("NOOP " + new string('x', 20_000) + "\r\nNOOP\r\n"));
    }

    [Theory]
    [InlineData(false, "AUTH PLAIN AGEAYg==\r\n", "235 2.7.0")]
    [InlineData(false, "AUTH plain =\r\n", "235 2.7.0")]
    [InlineData(false, "AUTH PLAIN\r\nAGEAYg==\r\n", "334,235 2.7.0")]
    [InlineData(false, "AUTH PLAIN\r\n\r\n", "334,235 2.7.0")]
    [InlineData(false, "AUTH LOGIN\r\nYQ==\r\nYg==\r\n", "334,334,235 2.7.0")]
    [InlineData(false, "AUTH LOGIN YQ==\r\nYg==\r\n", "334,235 2.7.0")]
    [InlineData(false, "AUTH LOGIN\r\n*\r\nNOOP\r\n", "334,501 5.7.0,250 2.0.0")]
    [InlineData(false, "AUTH LOGIN\r\nQUIT!\r\nNOOP\r\n", "334,501 5.5.2,250 2.0.0")]
    [InlineData(false, "AUTH PLAIN *\r\n", "501 5.5.2")]
    [InlineData(false, "AUTH CRAM-MD5\r\n", "504 5.5.4")]
    [InlineData(false, "AUTH\r\n", "501 5.5.4")]
    [InlineData(true, "AUTH PLAIN =\r\n", "503 5.5.1")]
    public void Auth_EveryWay_IsChallengedAndAnswered(bool isAgain, string commands, string expected)
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\n" + (isAgain ? "AUTH PLAIN =\r\n" : ""));
        Assert.Equal(expected.Split(','), talk.Codes(commands));
    }

    [Fact]
    public void Auth_Login_AsksForNameAndPassword() => Assert.Equal(
        "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n",
        Greeted().Say("AUTH LOGIN\r\nYQ==\r\n"));

    private static SinkTalk Greeted()
    {
        var talk = new SinkTalk();
        talk.Say("EHLO c\r\n");
        return talk;
    }
}
