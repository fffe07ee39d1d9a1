using SmtpProxy.Protocol.Connections;
using SmtpProxy.Telemetry.Tracing;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Telemetry;

public sealed class SessionTelemetryAllocationTests
{
    /// <summary>Somebody takes traces, and the session gives no reason to keep its own.</summary>
    private static readonly TelemetryOptions NotDrawn = new()
        { SampleShare = 0, SlowThreshold = TimeSpan.FromHours(1), ReadMessageId = true, ReadTraceParent = true };

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Exchanges_OnceWarm_AllocateNothing(bool journal, bool traced)
    {
        // With a journal, its lists have grown after the warm-up; what is beyond the bound is only counted.
        using var talk = new Conversation(journal: journal, maxEntries: 50, traces: traced ? NotDrawn : null);
        talk.Greet();
        talk.Metrics.Dispose();
        byte[][] octets =
        [
            .. from text in (string[])
               [
                   "MAIL FROM:<a@example.org> SIZE=9\r\n", "250 2.1.0 ok\r\n", "RCPT TO:<b@example.net>\r\n", "250 2.1.5 ok\r\n",
                   "RCPT TO:<c@example.net>\r\n", traced ? "250 2.1.5 ok\r\n" : "550 5.1.1 no\r\n", "DATA\r\n", "354 go\r\n", "hi\r\n.\r\n",
                   "250 2.0.0 Ok: queued as 4F1XYZ\r\n",
               ]
               select System.Text.Encoding.ASCII.GetBytes(text),
        ];
        var at = Conversation.Ticks(talk.Now);
        Messages(talk, octets, ref at, 100);

        // What the runtime itself allocates once, such as when it compiles a method anew, is not in every
        // round; what an exchange allocates is.
        var least = long.MaxValue;
        for (var round = 0; round < 5 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Messages(talk, octets, ref at, 1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    private static void Messages(Conversation talk, byte[][] octets, ref long at, int count)
    {
        for (var i = 0; i < count; i++)
        {
            for (var turn = 0; turn < octets.Length; turn++)
            {
                talk.Session.Read(turn % 2 == 0 ? Leg.Client : Leg.Relay, octets[turn], at += 1000);
                _ = turn % 2 == 0 ? talk.Dialogue.FromClient(octets[turn]) : talk.Dialogue.FromRelay(octets[turn]);
                talk.Session.Settled(talk.Dialogue, null, at += 1000);
            }
        }
    }
}
