using System.Text;
using SmtpProxy.Faults;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>A response inside AUTH is struck as a command is, and the relay does not go on waiting for it.</summary>
public sealed class CommandVerdictTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AuthStep_ThatIsRefused_CancelsAuthAtTheRelayInSecret(bool asks)
    {
        var faults = new FakeFaults { MayAsk = asks }.At(FaultPoint.AuthStep, static strike =>
        {
            strike.Withhold = true;
            strike.Reply = static _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes("535 5.7.8 injected\r\n"))];
        });
        var bed = Session(faults, "535 5.7.8 injected\r\n", "*\r\n", "501 5.0.0 cancelled\r\n");

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nAUTH LOGIN\r\n*\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("334 a\r\n535 5.7.8 injected\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((535, null), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AuthStep_ThatIsHeld_IsForwardedAfterThat(bool asks)
    {
        var faults = new FakeFaults { MayAsk = asks }
            .At(FaultPoint.AuthStep, static strike => strike.BeforeForward = TimeSpan.FromSeconds(7));
        var bed = Session(faults, "235 in\r\n", "dXNlcg==\r\n", "235 in\r\n");

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nAUTH LOGIN\r\ndXNlcg==\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("334 a\r\n235 in\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((235, 235), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
        Assert.InRange(bed.Sim.Elapsed, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(20));
    }

    /// <summary>What the client says next would be taken for its response, and answered as one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Challenge_ThatTheClientIsToldAFailureFor_IsCancelledAtTheRelayInSecret(bool asks)
    {
        var faults = new FakeFaults { MayAsk = asks }.Behind(FaultPoint.Auth, static strike =>
            strike.Reply = static _ => [new ReplyStep.Say(Encoding.ASCII.GetBytes("535 5.7.8 injected\r\n"))]);
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("AUTH LOGIN\r\n").Awaits("535 5.7.8 injected\r\n")
            .Says("NOOP\r\n").Awaits("250 noop\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply)
            .Awaits("AUTH LOGIN\r\n").Says("334 a\r\n").Awaits("*\r\n").Says("501 5.0.0 cancelled\r\n").Awaits("NOOP\r\n")
            .Says("250 noop\r\n").Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nAUTH LOGIN\r\n*\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
        Assert.EndsWith("STARTTLS\r\n535 5.7.8 injected\r\n250 noop\r\n221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal((535, 334), (Assert.Single(faults.Injections).ClientCode, faults.Injections[0].RelayCode));
    }

    [Fact]
    public void Challenge_ThatTheClientSeesBesideAnotherReply_IsLeftToIt()
    {
        var faults = new FakeFaults().Behind(FaultPoint.Auth, static strike =>
            strike.Reply = static real => [new ReplyStep.Say(real), new ReplyStep.Say(Encoding.ASCII.GetBytes("535 5.7.8 extra\r\n"))]);
        var bed = Session(faults, "235 in\r\n", "dXNlcg==\r\n", "235 in\r\n");

        bed.Sim.RunToEnd();

        Assert.Equal("EHLO c\r\nAUTH LOGIN\r\ndXNlcg==\r\nNOOP\r\nQUIT\r\n", bed.Sim.Relay.Heard);
    }

    private static SessionBed Session(FakeFaults faults, string awaited, string heard, string said)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("AUTH LOGIN\r\n").Awaits("334 a\r\n")
            .Says("dXNlcg==\r\n").Awaits(awaited).Says("NOOP\r\n").Awaits("250 noop\r\n").Says("QUIT\r\n").Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO").Awaits("\r\n").Says(Dialogues.EhloReply)
            .Awaits("AUTH LOGIN\r\n").Says("334 a\r\n").Awaits(heard).Says(said).Awaits("NOOP\r\n").Says("250 noop\r\n")
            .Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        return bed;
    }
}
