using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;
using SmtpProxy.Transport;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>Messages that a fault leaves unfinished.</summary>
public sealed class FaultedSessionAbandonedMessageTests
{
    [Fact]
    public void Body_StalledUntilTheClientResets_IsToldAndTheRelayGetsNoDot()
    {
        var faults = new FakeFaults { BodyOffset = 100 }.At(FaultPoint.DataBody, static s =>
            s.Reply = static _ => [new ReplyStep.Stall(null, null, StopReading: false), new ReplyStep.End(EndKind.Reset)]);
        var bed = new SessionBed(faults: faults);
        var body = Dialogues.Body(5000);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO client\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@b>\r\n")
            .Awaits("2.1.0 ok\r\n")
            .Says("RCPT TO:<c@d>\r\n").Awaits("2.1.5 ok\r\n").Says("DATA\r\n").Awaits("354 go\r\n").Says(body + ".\r\n")
            .Waits(TimeSpan.FromSeconds(10)).Resets();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("MAIL").Awaits("\r\n")
            .Says("250 2.1.0 ok\r\n")
            .Awaits("RCPT").Awaits("\r\n").Says("250 2.1.5 ok\r\n").Awaits("DATA\r\n").Says("354 go\r\n");

        bed.Sim.RunToEnd();

        Assert.DoesNotContain("\r\n.\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        var injection = Assert.Single(faults.Injections);
        Assert.Equal((100, (int?)null), (injection.BodyOctets, injection.ClientCode));
        Assert.InRange(injection.AddedDelay.TotalSeconds, 9.9, 10.1);
        Assert.Equal(1, bed.Record.GetProperty("faults").GetArrayLength());
    }

    [Fact]
    public void LastChunk_Rejected_TheRelayIsLeftWithoutAnotherCommand()
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s =>
        {
            (s.Withhold, s.AbortRelay) = (true, EndKind.Reset);
            s.Reply = static _ => [new ReplyStep.Say("554 5.7.1 injected\r\n"u8.ToArray())];
        });
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("220 ").Awaits("\r\n").Says("EHLO client\r\n").Awaits("STARTTLS\r\n").Says("MAIL FROM:<a@b>\r\n")
            .Awaits("2.1.0 ok\r\n")
            .Says("RCPT TO:<c@d>\r\n").Awaits("2.1.5 ok\r\n").Says("BDAT 5\r\none\r\n").Awaits("5 octets\r\n")
            .Says("BDAT 5 LAST\r\ntwo\r\n").Awaits("554").Awaits("\r\n")
            .Says("RSET\r\n").Awaits("250 2.0.0 Ok\r\n").Says("QUIT\r\n").Awaits("221").Awaits("\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply).Awaits("MAIL").Awaits("\r\n")
            .Says("250 2.1.0 ok\r\n")
            .Awaits("RCPT").Awaits("\r\n").Says("250 2.1.5 ok\r\n").Awaits("one\r\n").Says("250 2.0.0 5 octets\r\n");

        bed.Sim.RunToEnd();

        Assert.EndsWith("BDAT 5\r\none\r\n", bed.Sim.Relay.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Reset, bed.Sim.Relay.End);
        Assert.EndsWith("554 5.7.1 injected\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
    }
}
