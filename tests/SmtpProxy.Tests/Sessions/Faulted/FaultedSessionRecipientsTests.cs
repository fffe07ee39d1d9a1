using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>A message that is answered here, though its protocol has a verdict for each recipient.</summary>
public sealed class FaultedSessionRecipientsTests
{
    [Theory]
    [InlineData("LHLO", 1, "451 no\r\n")]
    [InlineData("LHLO", 2, "451 no\r\n451 no\r\n")]
    [InlineData("LHLO", 3, "451 no\r\n451 no\r\n451 no\r\n")]
    [InlineData("EHLO", 3, "451 no\r\n")]
    public void Message_AnsweredHere_HasAVerdictForEachRecipientOfLmtp(string hello, int recipients, string verdicts)
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s =>
            (s.Withhold, s.AbortRelay, s.Reply) = (true, EndKind.Reset, static _ => [new ReplyStep.Say("451 no\r\n"u8.ToArray())]));
        var bed = new SessionBed(faults: faults);
        var rcpt = string.Concat(Enumerable.Repeat("RCPT TO:<b@example.net>\r\n", recipients));
        var taken = string.Concat(Enumerable.Repeat("250 ok\r\n", recipients));
        bed.Sim.Client.Awaits("220 mx\r\n").Says(hello + " c\r\n").Awaits("250 mx\r\n").Says("MAIL FROM:<a@example.org>\r\n")
            .Awaits("250 ok\r\n").Says(rcpt).Awaits(taken).Says("DATA\r\n").Awaits("354 go\r\n").Says("x\r\n.\r\n")
            .Awaits(verdicts).Says("QUIT\r\n").Waits(TimeSpan.FromSeconds(5)).Fin();
        bed.Sim.Relay.Says("220 mx\r\n").Awaits(hello + " c\r\n").Says("250 mx\r\n")
            .Awaits("MAIL FROM:<a@example.org>\r\n").Says("250 ok\r\n")
            .Awaits(rcpt).Says(taken).Awaits("DATA\r\n").Says("354 go\r\n").Waits(TimeSpan.FromSeconds(20)).Fin();

        bed.Sim.RunToEnd();

        Assert.EndsWith("354 go\r\n" + verdicts, bed.Sim.Client.Heard.Split("221")[0], StringComparison.Ordinal);
        Assert.DoesNotContain("\r\n.\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        var transaction = Assert.Single(bed.Record.GetProperty("transactions").EnumerateArray());
        Assert.Equal("failed", transaction.GetProperty("outcome").GetString());
    }
}
