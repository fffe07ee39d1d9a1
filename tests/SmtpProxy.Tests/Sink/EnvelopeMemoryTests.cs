using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class EnvelopeMemoryTests
{
    private static readonly string Rcpt = $"RCPT TO:<{new string('r', 200)}@example.org>\r\n";

    private readonly SinkMailbox _mailbox = new(100, TimeProvider.System, 100_000);

    [Fact]
    public void Recipients_OfAllSessions_TakeNoMoreThanAllowed_AndTheRestIs452()
    {
        var (first, second) = (Talk(), Talk());
        var accepted = Say(first, 150).Concat(Say(second, 150)).GroupBy(static code => code)
            .ToDictionary(static g => g.Key, static g => g.Count());
        Assert.Equal(["250 2.1.5", "452 4.3.1"], accepted.Keys.Order());
        Assert.InRange(accepted["250 2.1.5"], 50, 250);
        Assert.InRange(_mailbox.Open.InUse, 50_000, 100_000);
        Assert.Equal(["250", "452 4.3.1"], new SinkTalk(mailbox: _mailbox)
            .Codes($"EHLO c\r\nMAIL FROM:<{new string('m', 200)}@example.org>\r\n"));
    }

    [Theory]
    [InlineData("RSET\r\n")]
    [InlineData("EHLO c\r\n")]
    [InlineData("DATA\r\n.\r\n")]
    [InlineData(null)]
    public void Transaction_ThatEnds_GivesItsMemoryBack(string? end)
    {
        var talk = Talk();
        Say(talk, 50);
        Assert.True(_mailbox.Open.InUse > 0);
        if (end is null)
        {
            talk.Release();
        }
        else
        {
            talk.Say(end);
        }

        Assert.Equal(0, _mailbox.Open.InUse);
    }

    [Fact]
    public void Recipient_ThatIsRefused_TakesNothing()
    {
        var talk = Talk();
        var before = _mailbox.Open.InUse;
        talk.Say("RCPT TO:<550@x>\r\nRCPT TO:<no address>\r\n");
        Assert.Equal(before, _mailbox.Open.InUse);
    }

    [Fact]
    public void Sender_ThatIsRefused_TakesNothing()
    {
        var talk = new SinkTalk(mailbox: _mailbox);
        talk.Say("EHLO c\r\nMAIL FROM:<550@x>\r\n");
        Assert.Equal(0, _mailbox.Open.InUse);
    }

    [Fact]
    public void Messages_ThatAreKept_MakeRoomForTheNewest()
    {
        for (var n = 0; n < 10; n++)
        {
            var talk = Talk();
            Say(talk, 90);
            talk.Say("DATA\r\n.\r\n");
        }

        Assert.InRange(_mailbox.Messages().Count, 1, 2);
        Assert.Equal(10, _mailbox.MessageCount);
    }

    [Fact]
    public void Limit_OfZero_IsNone()
    {
        var talk = new SinkTalk(mailbox: new SinkMailbox(1, TimeProvider.System, 0));
        talk.Say("EHLO c\r\nMAIL FROM:<a@x>\r\n");
        Assert.All(Say(talk, 900), static code => Assert.Equal("250 2.1.5", code));
        Assert.Equal("250 2.0.0", talk.Codes("DATA\r\n.\r\n")[^1]);
        Assert.Single(talk.Mailbox.Messages());
    }

    private static string[] Say(SinkTalk talk, int recipients) => talk.Codes(string.Concat(Enumerable.Repeat(Rcpt, recipients)));

    private SinkTalk Talk()
    {
        var talk = new SinkTalk(mailbox: _mailbox);
        talk.Say("EHLO c\r\nMAIL FROM:<a@x>\r\n");
        return talk;
    }
}
