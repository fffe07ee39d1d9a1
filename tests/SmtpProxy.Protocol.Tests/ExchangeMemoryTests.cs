using System.Text;
using SmtpProxy.Protocol.Exchanges;

namespace SmtpProxy.Protocol.Tests;

public sealed class ExchangeMemoryTests
{
    private readonly ExchangeMemory _memory = new();

    [Fact]
    public void Queue_ThatIsShort_TakesNothing()
    {
        var dialogue = Asked(63, out _);
        Assert.Equal((64, 0), (dialogue.Outstanding, _memory.InUse));
    }

    [Fact]
    public void Queue_ThatIsLong_IsCounted_UntilItIsAnswered()
    {
        var dialogue = Asked(1000, out _);
        Assert.InRange(_memory.InUse, 1000 * 40, 2 * 1024 * 80);
        dialogue.FromRelay(Encoding.ASCII.GetBytes("220 ready\r\n" + string.Concat(Enumerable.Repeat("250 ok\r\n", 1000))));
        Assert.Equal((0, 0), (dialogue.Outstanding, _memory.InUse));
        Assert.Equal(OpaqueReason.None, dialogue.Opaque);
    }

    [Fact]
    public void Memory_UpToItsLimit_IsAllowed()
    {
        _memory.Limit = 10;
        using var lease = _memory.Take(4);
        Assert.True(_memory.Allows(6));
        Assert.False(_memory.Allows(7));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Queue_OfADialogueThatEnds_IsGivenBack(bool isFinished)
    {
        var dialogue = Asked(1000, out _);
        if (isFinished)
        {
            dialogue.Finish();
        }
        else
        {
            dialogue.Drop();
        }

        Assert.Equal(0, _memory.InUse);
    }

    [Fact]
    public void Queue_WithoutMemory_EndsTheTracking_OfLongOnesOnly_AndIsCounted()
    {
        var met = 0;
        _memory.Met = () => met++;
        _memory.Limit = 50_000;
        var first = Asked(500, out _);
        var second = Asked(500, out var record);
        var third = Asked(60, out _);
        Assert.Equal((OpaqueReason.None, OpaqueReason.Limit, OpaqueReason.None), (first.Opaque, second.Opaque, third.Opaque));
        Assert.Contains("left-tracking", record.Anomalies, StringComparison.Ordinal);
        Assert.Equal(1, met);
        Assert.InRange(_memory.InUse, 1, 50_000);
        first.Finish();
        Assert.Equal(0, _memory.InUse);
        Assert.Equal(OpaqueReason.None, Asked(500, out _).Opaque);
    }

    [Fact]
    public void Limit_OfZero_IsNone()
    {
        _memory.Limit = 0;
        Assert.Equal(OpaqueReason.None, Asked(9_000, out _).Opaque);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void HeldOctets_ThatAreMany_AreCounted_UntilTheDialogueEnds(bool isFinished)
    {
        var few = Held(2000, out _);
        Assert.Equal((OpaqueReason.None, 0), (few.Opaque, _memory.InUse));
        var many = Held(40_000, out _);
        Assert.InRange(_memory.InUse, 40_000, 2 * 65_536);
        if (isFinished)
        {
            many.Finish();
        }
        else
        {
            many.Drop();
        }

        Assert.Equal(0, _memory.InUse);
    }

    [Fact]
    public void HeldOctets_WhoseReplyComes_AreCountedNoMore()
    {
        var dialogue = Held(40_000, out _);
        dialogue.FromRelay("220 ready\r\n250 mx\r\n354 go\r\n"u8);
        Assert.Equal((OpaqueReason.None, 0), (dialogue.Opaque, _memory.InUse));
    }

    [Fact]
    public void HeldOctets_WithoutMemory_EndTheTracking()
    {
        var met = 0;
        _memory.Met = () => met++;
        _memory.Limit = 80_000;
        var first = Held(40_000, out _);
        var second = Held(40_000, out var record);
        Assert.Equal((OpaqueReason.None, OpaqueReason.Limit, 1), (first.Opaque, second.Opaque, met));
        Assert.Contains("left-tracking", record.Anomalies, StringComparison.Ordinal);
        Assert.InRange(_memory.InUse, 1, 80_000);
    }

    [Fact]
    public void Recipients_OfSmtp_AreNotListed()
    {
        Received("EHLO", 5_000, out _);
        Assert.Equal(0, _memory.InUse);
    }

    [Fact]
    public void Recipients_OfLmtp_AreCounted_UntilTheTransactionEnds()
    {
        var dialogue = Received("LHLO", 5_000, out _);
        Assert.InRange(_memory.InUse, 5_000 * 4, 10_000 * 4);
        dialogue.FromClient("RSET\r\n"u8);
        dialogue.FromRelay("250 ok\r\n"u8);
        Assert.Equal(0, _memory.InUse);
    }

    [Theory]
    [InlineData(0, 10_001)]
    [InlineData(2_000, 600)]
    public void Recipients_OfLmtp_BeyondTheBounds_HaveTheirReplies_AndAreCountedOnce(long limit, int recipients)
    {
        var met = 0;
        _memory.Met = () => met++;
        _memory.Limit = limit;
        var dialogue = Received("LHLO", recipients, out var record);
        dialogue.FromClient("DATA\r\n"u8);
        dialogue.FromRelay("354 go\r\n"u8);
        dialogue.FromClient("hello\r\n.\r\n"u8);
        dialogue.FromRelay(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("250 ok\r\n", recipients))));
        Assert.Equal((OpaqueReason.None, 0, 1, 0), (dialogue.Opaque, dialogue.Outstanding, met, _memory.InUse));
        Assert.Contains($"{recipients}/0", record.Transactions, StringComparison.Ordinal);
        // The first is told from the others, the last is not.
        Assert.Contains(record.Exchanges.Split(' '), static exchange => exchange.EndsWith("@3", StringComparison.Ordinal));
        Assert.DoesNotContain($"@{recipients + 2}", record.Exchanges, StringComparison.Ordinal);
    }

    private Dialogue Held(int octets, out Recorder record)
    {
        record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { Memory = _memory });
        dialogue.Start();
        dialogue.FromClient("EHLO c\r\nDATA\r\n"u8);
        dialogue.FromClient(Encoding.ASCII.GetBytes(new string('x', octets)));
        return dialogue;
    }

    /// <summary>One at a time: no queue is long.</summary>
    private Dialogue Received(string hello, int recipients, out Recorder record)
    {
        record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { Memory = _memory });
        dialogue.Start();
        dialogue.FromRelay("220 ready\r\n"u8);
        foreach (var command in (IEnumerable<string>)[$"{hello} c", "MAIL FROM:<a@x>", .. Enumerable.Repeat("RCPT TO:<b@x>", recipients)])
        {
            dialogue.FromClient(Encoding.ASCII.GetBytes(command + "\r\n"));
            dialogue.FromRelay("250 ok\r\n"u8);
        }

        return dialogue;
    }

    private Dialogue Asked(int commands, out Recorder record)
    {
        record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { Memory = _memory });
        dialogue.Start();
        dialogue.FromClient(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NOOP\r\n", commands))));
        return dialogue;
    }
}
