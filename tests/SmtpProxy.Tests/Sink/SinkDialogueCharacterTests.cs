using Microsoft.Extensions.Time.Testing;
using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

/// <summary>Sinks that answer as their settings say, whatever the addresses are.</summary>
public sealed class SinkDialogueCharacterTests
{
    private const string Mail = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\nQUIT\r\n";

    [Theory]
    [InlineData("421", "421 4.3.2")]
    [InlineData("delay-1s-greeting", "220")]
    [InlineData("554-5.7.1-greeting", "554 5.7.1")]
    public void Greeting_AsTheSettingsSay(string answers, string expected) =>
        Assert.Equal([expected], SinkTalk.CodesOf(new SinkTalk(options: new SinkOptions { Answers = answers }).Greet()));

    [Theory]
    [InlineData("delay-1s-ehlo", "250,250 2.1.0,250 2.1.5,354,250 2.0.0,221 2.0.0")]
    [InlineData("450-mail", "250,450 4.2.0,503 5.5.1,503 5.5.1,500 5.5.2,221 2.0.0")]
    [InlineData("550-5.7.1-rcpt", "250,250 2.1.0,550 5.7.1,503 5.5.1,500 5.5.2,221 2.0.0")]
    [InlineData("451-dot+421-quit", "250,250 2.1.0,250 2.1.5,354,451 4.3.0,421 4.3.2")]
    public void Transaction_AsTheSettingsSay(string answers, string expected) =>
        Assert.Equal(expected.Split(','), new SinkTalk(options: new SinkOptions { Answers = answers }).Codes("EHLO c\r\n" + Mail));

    [Fact]
    public void Ehlo_Refused_IsNoHello() =>
        Assert.Equal(["550 5.1.1", "503 5.5.1"], new SinkTalk(options: new SinkOptions { Answers = "550-ehlo" })
            .Codes("EHLO c\r\nMAIL FROM:<a@x>\r\n"));

    [Fact]
    public void Transactions_Two_AreAnsweredAlike() =>
        Assert.Equal(["250 2.1.0", "450 4.2.0", "250 2.0.0", "250 2.1.0", "450 4.2.0"], Greeted(new SinkOptions { Answers = "450-rcpt" })
            .Codes("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRSET\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\n"));

    [Theory]
    [InlineData("AUTH PLAIN AGEAYg==\r\n", "235 2.7.0")]
    [InlineData("AUTH PLAIN AGEAYw==\r\n", "535 5.7.8")]
    [InlineData("AUTH PLAIN =\r\n", "535 5.7.8")]
    [InlineData("AUTH LOGIN\r\nYQ==\r\nYg==\r\n", "334,334,235 2.7.0")]
    [InlineData("AUTH LOGIN\r\nYg==\r\nYQ==\r\nAUTH LOGIN\r\n", "334,334,535 5.7.8,334")]
    public void Password_Set_IsTheOnlyOneThatWillDo(string commands, string expected) =>
        Assert.Equal(expected.Split(','), Greeted(new SinkOptions { Password = "b" }).Codes(commands));

    [Fact]
    public void Auth_AsTheSettingsSay() =>
        Assert.Equal(["454 4.7.0", "454 4.7.0"], Greeted(new SinkOptions { Answers = "454-auth" })
            .Codes("AUTH PLAIN =\r\nAUTH PLAIN =\r\n"));

    [Fact]
    public void Greylist_ANewPair_HasToComeBackLater()
    {
        const string try1 = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRSET\r\n";
        var time = new FakeTimeProvider();
        var talk = Greeted(new SinkOptions { Greylist = TimeSpan.FromMinutes(1) }, time);
        Assert.Equal("451 4.7.1", talk.Codes(try1)[1]);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("451 4.7.1", talk.Codes(try1)[1]);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("250 2.1.5", talk.Codes(try1)[1]);
        Assert.Equal("451 4.7.1", talk.Codes("MAIL FROM:<other@x>\r\nRCPT TO:<b@x>\r\n")[1]);
    }

    [Fact]
    public void Greylist_ManyPairs_ForgetsTheOldest()
    {
        var greylist = new Greylist(new FakeTimeProvider());
        for (var n = 0; n <= 10_000; n++)
        {
            Assert.False(greylist.Admits("a@x", $"{n}@x", TimeSpan.Zero));
        }

        Assert.True(greylist.Admits("a@x", "10000@x", TimeSpan.Zero));
        Assert.False(greylist.Admits("a@x", "0@x", TimeSpan.Zero));
    }

    [Theory]
    [InlineData("delay-1s-greeting+450", true)]
    [InlineData("", true)]
    [InlineData("slow", false)]
    [InlineData("450+", false)]
    public void Answers_ThatAreNone_AreRefused(string answers, bool isFine) =>
        Assert.Equal(isFine, !new SinkOptions { Answers = answers }.Validate()
            .Any(static p => p.StartsWith("SmtpProxy:Sink:Answers: ", StringComparison.Ordinal)));

    private static SinkTalk Greeted(SinkOptions options, TimeProvider? time = null)
    {
        var talk = new SinkTalk(options: options, time: time);
        talk.Say("EHLO c\r\n");
        return talk;
    }
}
