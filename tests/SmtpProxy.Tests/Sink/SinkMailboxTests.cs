using SmtpProxy.Sink;

namespace SmtpProxy.Tests.Sink;

public sealed class SinkMailboxTests
{
    [Fact]
    public void Messages_MoreThanKept_AreTheNewestFirst()
    {
        var mailbox = new SinkMailbox(2, TimeProvider.System);
        foreach (var from in (string[])["one@x", "two@x", "three@x"])
        {
            mailbox.Add(mailbox.NextId(), new Envelope(from, false) { Octets = 10 }, ["b@x"], Protocol.Exchanges.Via.Data, lmtp: false);
        }

        Assert.Equal(["three@x", "two@x"], mailbox.Messages().Select(message => message.From));
        Assert.Equal((3, 30), (mailbox.MessageCount, mailbox.OctetCount));
    }

    [Fact]
    public void Messages_KeepIsZero_AreOnlyCounted()
    {
        var mailbox = new SinkMailbox(0, TimeProvider.System);
        mailbox.Add(mailbox.NextId(), new Envelope("a@x", false), ["b@x"], Protocol.Exchanges.Via.Data, lmtp: false);
        Assert.Empty(mailbox.Messages());
        Assert.Equal(1, mailbox.MessageCount);
    }

    [Fact]
    public void Messages_ManyRecipients_ABoundedNumberIsKeptAndAllAreCounted()
    {
        var mailbox = new SinkMailbox(1, TimeProvider.System);
        mailbox.Add("id", new Envelope("a@x", false), [.. Enumerable.Range(0, 500).Select(n => $"{n}@x")], Protocol.Exchanges.Via.Bdat,
            lmtp: true);
        var message = Assert.Single(mailbox.Messages());
        Assert.Equal((SinkMailbox.MaxKeptRecipients, 500), (message.Recipients.Count, message.RecipientCount));
        Assert.Equal(("BDAT", "lmtp"), (message.Via, message.Protocol));
    }
}
