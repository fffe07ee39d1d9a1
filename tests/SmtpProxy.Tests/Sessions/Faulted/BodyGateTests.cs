using System.Text;
using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What goes to the relay where a rule waits in a message, or holds what it is to get.</summary>
public sealed class BodyGateTests
{
    private static readonly string Body = string.Concat(Enumerable.Repeat("some text\r\n", 20));

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public void Body_OfWhichARuleTakesTheRest_EndsAtThatOctet_HoweverItIsCut(int offset)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var faults = new FakeFaults { BodyOffset = offset }.At(FaultPoint.DataBody,
                static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
            var bed = new SessionBed(seed: seed, faults: faults);
            Dialogues.OneMessage(bed.Sim, Body);
            bed.Sim.RunToEnd();
            Assert.EndsWith("DATA\r\n" + Body[..offset], bed.Sim.Relay.Heard, StringComparison.Ordinal);
            Assert.Equal(offset, Assert.Single(faults.Injections).BodyOctets);
        }
    }

    [Fact]
    public void Body_OfWhichTheRestIsHeld_GoesOnAfterThat_AndTheDotWithIt()
    {
        var faults = new FakeFaults { BodyOffset = 100 }
            .At(FaultPoint.DataBody, static s => s.BeforeForward = TimeSpan.FromSeconds(7));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Body);
        bed.Sim.Pass(TimeSpan.FromSeconds(6));
        Assert.EndsWith("DATA\r\n" + Body[..100], bed.Sim.Relay.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();
        Assert.Equal(Dialogues.ClientOf(Body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        var injection = Assert.Single(faults.Injections);
        Assert.InRange(injection.AddedDelay.TotalSeconds, 6.9, 7.1);
        Assert.Equal(100, injection.BodyOctets);
    }

    [Fact]
    public void Dot_ThatIsHeld_ComesLater_AndItsReplyAfterIt()
    {
        var faults = new FakeFaults().At(FaultPoint.EndOfData, static s => s.BeforeForward = TimeSpan.FromSeconds(7));
        var bed = new SessionBed(faults: faults);
        Dialogues.OneMessage(bed.Sim, Body);
        bed.Sim.Pass(TimeSpan.FromSeconds(6));
        Assert.EndsWith("DATA\r\n" + Body, bed.Sim.Relay.Heard, StringComparison.Ordinal);
        bed.Sim.RunToEnd();
        Assert.Equal(Dialogues.ClientOf(Body), bed.Sim.Relay.Heard);
        Assert.Equal(Dialogues.RelayOfOneMessage, bed.Sim.Client.Heard);
        Assert.Equal((250, 250), (faults.Injections[0].ClientCode, faults.Injections[0].RelayCode));
    }

    /// <summary>Octets of a rule go to the relay with the command, and after it.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Command_ThatARuleAddsTo_GoesOnWithWhatIsAdded(int seconds)
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, s =>
            (s.BehindCommand, s.BeforeForward) = (Encoding.ASCII.GetBytes("NOOP again\r\n"), TimeSpan.FromSeconds(seconds)));
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says("NOOP\r\n").Awaits("250 noop\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply).Awaits("NOOP again\r\n")
            .Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.Equal("EHLO c\r\nNOOP\r\nNOOP again\r\n", bed.Sim.Relay.Heard);
        Assert.True(bed.Sim.Elapsed >= TimeSpan.FromSeconds(seconds));
    }

    /// <summary>A client that was shown another SIZE may declare that much, and no more.</summary>
    [Theory]
    [InlineData(" SIZE=1000", "250 a\r\n")]
    [InlineData(" SIZE=1001", "552 5.3.4 Message size exceeds fixed maximum message size\r\n")]
    [InlineData("", "250 a\r\n")]
    public void Mail_AfterAnotherSizeWasShown_IsHeldAgainstThat(string parameter, string reply)
    {
        var faults = new FakeFaults().Behind(FaultPoint.Ehlo, static s => s.Capabilities = new CapabilityEdits([], 1000));
        var bed = new SessionBed(faults: faults);
        var mail = $"MAIL FROM:<a@b>{parameter}\r\n";
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n").Says(mail).Awaits(reply).Says("QUIT\r\n")
            .Awaits("221 bye\r\n").Fin();
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        if (reply[0] == '2')
        {
            bed.Sim.Relay.Awaits(mail).Says(reply);
        }

        bed.Sim.Relay.Awaits("QUIT\r\n").Says("221 bye\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith($"STARTTLS\r\n{reply}221 bye\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal($"EHLO c\r\n{(reply[0] == '2' ? mail : "")}QUIT\r\n", bed.Sim.Relay.Heard);
    }
}
