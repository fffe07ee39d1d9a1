using System.Text;

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
        dialogue.FromServer(Encoding.ASCII.GetBytes("220 ready\r\n" + string.Concat(Enumerable.Repeat("250 ok\r\n", 1000))));
        Assert.Equal((0, 0), (dialogue.Outstanding, _memory.InUse));
        Assert.Equal(OpaqueReason.None, dialogue.Opaque);
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

    private Dialogue Asked(int commands, out Recorder record)
    {
        record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { Memory = _memory });
        dialogue.Start();
        dialogue.FromClient(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("NOOP\r\n", commands))));
        return dialogue;
    }
}
