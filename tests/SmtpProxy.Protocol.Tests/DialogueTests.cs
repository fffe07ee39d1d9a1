using SmtpProxy.Protocol.Commands;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Protocol.Exchanges;
using SmtpProxy.Protocol.Replies;

namespace SmtpProxy.Protocol.Tests;

/// <summary>What a session asks of a dialogue beside its facts: whose turn it is, what may be skipped, bounds, reuse, cost.</summary>
public sealed class DialogueTests
{
    [Fact]
    public void Turn_ThroughATransaction_IsWhoseMoveItIs()
    {
        var dialogue = Start(out _);
        Assert.Equal(Leg.Relay, dialogue.Turn);
        Hear(dialogue, "220 x\r\n");
        Assert.Equal(Leg.Client, dialogue.Turn);
        Say(dialogue, "EHLO c\r\n");
        Assert.Equal(Leg.Relay, dialogue.Turn);
        Hear(dialogue, "250 x\r\n");
        Say(dialogue, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
        Assert.Equal(3, dialogue.Outstanding);
        Hear(dialogue, "250 a\r\n250 b\r\n");
        Assert.Equal(Leg.Relay, dialogue.Turn);
        Assert.Equal(ClientPhase.Held, dialogue.ClientPhase);
        Hear(dialogue, "354 go\r\n");
        Assert.Equal(Leg.Client, dialogue.Turn);
        Assert.Equal(ClientPhase.Data, dialogue.ClientPhase);
        Say(dialogue, "x\r\n.\r\n");
        Assert.Equal(Leg.Relay, dialogue.Turn);
        Hear(dialogue, "250 don");
        Assert.True(dialogue.InsideReply);
        Hear(dialogue, "e\r\n");
        Assert.False(dialogue.InTransaction);
        Say(dialogue, "AUTH LOGIN\r\n");
        Hear(dialogue, "334 x\r\n");
        Assert.Equal(Leg.Client, dialogue.Turn);
        Say(dialogue, "eA==\r\n");
        Assert.Equal(Leg.Relay, dialogue.Turn);
        Hear(dialogue, "535 no\r\n");
        Say(dialogue, "NOO");
        Assert.True(dialogue.InsideCommand);
    }

    [Fact]
    public void Skip_TheRestOfAChunk_IsAsGoodAsReadingIt()
    {
        var dialogue = Start(out var record);
        Hear(dialogue, "220 x\r\n");
        Say(dialogue, "BDAT 1000 LAST\r\nabc");
        Assert.Equal(997, dialogue.Unexamined(Leg.Client));
        Assert.Equal(0, dialogue.Unexamined(Leg.Relay));
        dialogue.Skip(Leg.Client, 900);
        dialogue.Skip(Leg.Client, 97);
        Assert.Equal(0, dialogue.Unexamined(Leg.Client));
        Say(dialogue, "QUIT\r\n");
        Hear(dialogue, "250 ok\r\n221 bye\r\n");

        Assert.Equal("BDAT:250 QUIT:221p", record.Exchanges);
        Assert.Equal(16 + 1000 + 6, dialogue.Octets(Leg.Client));
    }

    [Fact]
    public void Unexamined_Opaque_IsEverythingOnceTlsHasBegun()
    {
        var dialogue = Start(out _);
        Hear(dialogue, "220 x\r\n");
        Say(dialogue, "STARTTLS\r\n");
        Hear(dialogue, "220 go\r\n");
        Assert.Equal(0, dialogue.Unexamined(Leg.Client));
        Assert.Equal(0, dialogue.Unexamined(Leg.Relay));
        Say(dialogue, "\u0016\u0003\u0001");
        Hear(dialogue, "\u0016");

        Assert.Equal(long.MaxValue, dialogue.Unexamined(Leg.Client));
        Assert.Equal(long.MaxValue, dialogue.Unexamined(Leg.Relay));
    }

    [Fact]
    public void FromProxy_Anywhere_AnswersTheOldestWithoutAnomaly()
    {
        var dialogue = Start(out var record);
        dialogue.FromProxy("421 4.3.2 no relay\r\n"u8);
        dialogue.Finish();
        Assert.Equal("421(4.3.2)", record.Greeting.Split(':')[1]);
        Assert.Equal("", record.Anomalies);
        Assert.Equal(FinalState.Closing421, dialogue.FinalState);

        dialogue = Start(out record);
        Hear(dialogue, "220 x\r\n");
        dialogue.FromProxy("421 4.3.2 restarting\r\n"u8);
        dialogue.Finish();
        Assert.Equal("", record.Anomalies);
    }

    [Fact]
    public void FromProxy_BehindTheFinalDot_LeavesTheVerdictUnknown()
    {
        var dialogue = Start(out var record);
        Hear(dialogue, "220 x\r\n");
        Say(dialogue, "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
        Hear(dialogue, "250 a\r\n250 b\r\n354 go\r\n");
        Say(dialogue, "x\r\n.\r\n");
        dialogue.FromProxy("421 4.4.2 the relay is silent\r\n"u8);
        dialogue.Finish();

        Assert.Equal("Data 1/0 3/3 421 Unknown FinalReply", record.Transactions);
    }

    [Fact]
    public void Held_BeyondTheBound_EndsInOpaque()
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { HeldOctets = 100 });
        dialogue.Start();
        Hear(dialogue, "220 x\r\n");
        Say(dialogue, "DATA\r\n" + new string('x', 100));
        Assert.Equal(OpaqueReason.None, dialogue.Opaque);
        Say(dialogue, "x");

        Assert.Equal(OpaqueReason.Limit, dialogue.Opaque);
        Assert.Equal(107, dialogue.Octets(Leg.Client));
    }

    [Fact]
    public void Outstanding_BeyondTheBound_EndsInOpaque()
    {
        var record = new Recorder();
        var dialogue = new Dialogue(record, new DialogueLimits { Outstanding = 10 });
        dialogue.Start();
        Say(dialogue, string.Concat(Enumerable.Repeat("RSET\r\n", 20)));

        Assert.Equal(OpaqueReason.Limit, dialogue.Opaque);
    }

    [Fact]
    public void Reset_ForAnotherConnection_IsLikeNew()
    {
        var dialogue = Start(out _);
        Hear(dialogue, "220-half a gree");
        Say(dialogue, "AUTH LOGIN\r\nhalf a li");
        var record = new Recorder();
        dialogue.Reset(record);
        dialogue.Start();
        foreach (var (leg, octets) in Talk.Read(Talk.Hello + "C:QUIT|S:221 bye|"))
        {
            _ = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
        }

        dialogue.Finish();

        Assert.Equal("EHLO:250 QUIT:221", record.Exchanges);
        Assert.Equal("", record.Anomalies);
        Assert.Equal(FinalState.Quit, dialogue.FinalState);
    }

    [Fact]
    public void Exchanges_OnceWarm_AllocateNothing()
    {
        var dialogue = new Dialogue(new Silence(), DialogueLimits.Default);
        var steps =
            Talk.Read(
                "C:MAIL FROM:<a@b> SIZE=100|C:RCPT TO:<c@d>|C:DATA|S:250 2.1.0 a|S:250 2.1.5 b|S:354 go|C:Subject: x|C:|C:..|C:text|C:.|" +
                    "S:250 2.0.0 queued|C:NOOP|S:250-a|S:250 b|");
        dialogue.Start();
        dialogue.FromRelay("220 x\r\n"u8);
        void Round()
        {
            for (var n = 0; n < steps.Count; n++)
            {
                var (leg, octets) = steps[n];
                _ = leg == Leg.Client ? dialogue.FromClient(octets) : dialogue.FromRelay(octets);
            }
        }

        Round();
        // What the runtime itself allocates once is not in every attempt; what an exchange allocates is.
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var n = 0; n < 250; n++)
            {
                Round();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(OpaqueReason.None, dialogue.Opaque);
    }

    [Fact]
    public void WireNames_OfEveryValue_AreThereAndDifferent()
    {
        AssertNames(Enum.GetValues<Anomaly>().Select(WireNames.Of));
        AssertNames(Enum.GetValues<FinalState>().Select(WireNames.Of));
        AssertNames(Enum.GetValues<Operation>().Select(WireNames.Of));
        AssertNames(Enum.GetValues<TlsState>().Select(WireNames.Of));
        AssertNames(Enum.GetValues<Verb>().Select(WireNames.Of).OfType<string>());
        Assert.Equal("8bit-command", WireNames.Of(Anomaly.EightBitCommand));
        Assert.Equal("truncated-command", WireNames.Of(Anomaly.TruncatedCommand));
        Assert.Equal("nonstandard-eod", WireNames.Of(Anomaly.NonstandardEod));
        Assert.Equal("XFORWARD", WireNames.Of(Verb.XForward));
        Assert.Equal("quit", WireNames.Of(Operation.Quit));
    }

    private static void AssertNames(IEnumerable<string> names)
    {
        var all = names.ToArray();
        Assert.Equal(all.Distinct(), all);
    }

    private static Dialogue Start(out Recorder record)
    {
        record = new Recorder();
        var dialogue = new Dialogue(record, DialogueLimits.Default);
        dialogue.Start();
        return dialogue;
    }

    private static void Say(Dialogue dialogue, string text) => dialogue.FromClient(System.Text.Encoding.Latin1.GetBytes(text));

    private static void Hear(Dialogue dialogue, string text) => dialogue.FromRelay(System.Text.Encoding.Latin1.GetBytes(text));
}
