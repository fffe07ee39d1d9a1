using System.Text.Json;
using SmtpProxy.Telemetry.Records;
using SmtpProxy.Telemetry.Tracing;

namespace SmtpProxy.Tests.Telemetry.Records;

public sealed class RecordMemoryTests
{
    private const int Many = 3000;
    private const int Limit = 256 * 1024;

    [Fact]
    public void Record_WithoutMemory_IsCutShort_AndNothingElseOfItsSessionChanges()
    {
        using var talk = Begin();
        Flood(talk.Greet()).Deliver().Deliver("554 5.7.1 no").Over();
        Assert.InRange(Memory(talk).InUse, Limit / 2, Limit);
        var line = talk.Line();
        var kept = line.GetProperty("exchanges").EnumerateArray().ToArray();
        Assert.Equal(1 + Many + 8, kept.Length + line.GetProperty("exchanges_dropped").GetInt32());
        Assert.Equal(["EHLO", "NOOP"], kept.Select(static e => e.GetProperty("verb").GetString()).Distinct());
        Assert.Empty(line.GetProperty("transactions").EnumerateArray());
        Assert.Equal(2, line.GetProperty("transactions_dropped").GetInt32());
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.limits.hit", "smtpproxy.limit=record_memory"));
        Assert.Equal(Many, talk.Metrics.Sum("smtpproxy.replies", "smtp.operation.name=noop"));
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.transactions", "smtpproxy.outcome=permfail"));
    }

    [Fact]
    public void Record_AfterOneThatWasCutShort_IsWhole()
    {
        using var talk = Begin();
        Flood(talk.Greet()).Over();
        talk.Line();
        Assert.InRange(Memory(talk).InUse, 0, Limit / 2);
        talk.Begin();
        talk.Greet().Deliver().Over();
        AssertWhole(talk.Line());
        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.limits.hit"));
    }

    [Fact]
    public void Records_ThatWaitForTheWriter_AreCounted_AndLeaveLittleForOthers()
    {
        using var talk = Begin();
        Flood(talk.Greet()).Over();
        talk.Begin();
        Flood(talk.Greet()).Over();
        Assert.InRange(Memory(talk).InUse, Limit / 2, Limit);
        Assert.Equal((Memory(talk).InUse, Limit),
            (talk.Metrics.Sum("smtpproxy.record.memory"), talk.Metrics.Sum("smtpproxy.record.memory.limit")));
        var (first, second) = (talk.Line(), talk.Line());
        Assert.True(second.GetProperty("exchanges").GetArrayLength() < first.GetProperty("exchanges").GetArrayLength());
        Assert.Equal(2, talk.Metrics.Sum("smtpproxy.limits.hit", "smtpproxy.limit=record_memory"));
    }

    [Fact]
    public void Record_ThatIsSpare_StaysCharged_UnlessMemoryIsScarce()
    {
        using var talk = Begin();
        // The capabilities have two places, which take turns.
        for (var session = 0; session < 2; session++)
        {
            talk.Greet().Deliver().Over();
            talk.Line();
            talk.Begin();
        }

        var held = Memory(talk).InUse;
        Assert.NotEqual(0, held);
        talk.Greet().Deliver().Over();
        Assert.Equal(held, Memory(talk).InUse);
        Memory(talk).Limit = (2 * held) - 1;
        talk.Line();
        Assert.Equal(0, Memory(talk).InUse);
    }

    [Fact]
    public void Record_WithoutALimit_IsWhole()
    {
        using var talk = Begin(limit: 0);
        Flood(talk.Greet()).Deliver().Over();
        Assert.True(Memory(talk).InUse > Limit);
        AssertWhole(talk.Line());
        Assert.Equal(0, talk.Metrics.Sum("smtpproxy.limits.hit"));
    }

    [Fact]
    public void Trace_WithoutAJournalAndCutShort_GoesOnWhenWhatItHoldsIsForgotten()
    {
        using var talk = new Conversation(journal: false, traces: new TelemetryOptions { SampleShare = 0, MaxTracesPerSecond = 1000 });
        talk.Telemetry.RecordMemoryLimit(32 * 1024);
        talk.Greet();
        for (var n = 0; n < 100; n++)
        {
            talk.Deliver();
        }

        Assert.Equal(1, talk.Metrics.Sum("smtpproxy.limits.hit", "smtpproxy.limit=record_memory"));
        talk.Deliver("554 5.7.1 no").Over();
        Assert.Contains(talk.Spans!.Of("SMTP transaction"), static s => s.GetTagItem("smtpproxy.outcome") is "permfail");
        Assert.Equal("554", talk.Spans["SMTP session"].GetTagItem("error.type"));
    }

    private static Conversation Begin(long limit = Limit)
    {
        var talk = new Conversation(maxEntries: 10_000);
        talk.Telemetry.RecordMemoryLimit(limit);
        return talk;
    }

    private static RecordMemory Memory(Conversation talk) => talk.Queue!.Spare.Memory;

    private static Conversation Flood(Conversation talk)
    {
        for (var n = 0; n < Many; n++)
        {
            talk.Ask("NOOP", "250 ok");
        }

        return talk;
    }

    private static void AssertWhole(JsonElement line)
    {
        Assert.False(line.TryGetProperty("exchanges_dropped", out _));
        Assert.Equal("delivered", Assert.Single(line.GetProperty("transactions").EnumerateArray()).GetProperty("outcome").GetString());
    }
}
