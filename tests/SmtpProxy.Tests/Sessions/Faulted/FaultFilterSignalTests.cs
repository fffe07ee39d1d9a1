using SmtpProxy.Faults;
using SmtpProxy.Protocol.Connections;

namespace SmtpProxy.Tests.Sessions.Faulted;

/// <summary>What a session that faults look at hears besides octets: that it shall stop, that rules have changed, that
/// its client is silent.</summary>
public sealed class FaultFilterSignalTests
{
    private const string Stopping = "421 4.3.2 Service is restarting, please try again\r\n";
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>A stop waits for no fault.</summary>
    [Fact]
    public void Stop_WhileAReplyIsHeld_LetsItGo_AndEndsTheSession()
    {
        var faults = new FakeFaults().At(FaultPoint.Noop, static s => s.BeforeReply = TimeSpan.FromHours(2));
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Awaits("421").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n");
        bed.Sim.Run();
        Assert.EndsWith("STARTTLS\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);

        bed.Host.DrainAsync(30 * Second);
        bed.Sim.Run();
        bed.Sim.Relay.Fin();
        bed.Sim.RunToEnd();

        Assert.EndsWith("STARTTLS\r\n250 noop\r\n" + Stopping, bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal("shutdown", bed.Record.GetProperty("outcome").GetString());
    }

    /// <summary>Rules that wait for an age, or for silence, count from when they should, though they were armed later.</summary>
    [Theory]
    [InlineData(FaultPoint.Elapsed)]
    [InlineData(FaultPoint.Idle)]
    public void Rule_ThatWaitsForATime_ArmedMeanwhile_StrikesAtItsTime(FaultPoint point)
    {
        var faults = new FakeFaults
        {
            IsArmed = false,
            Age = point == FaultPoint.Elapsed ? 10 * Second : null,
            IdleAfter = point == FaultPoint.Idle ? 10 * Second : null,
        }.At(point, static s => s.Reply = static _ =>
            [new ReplyStep.Say("421 4.3.2 injected\r\n"u8.ToArray()), new ReplyStep.End(EndKind.Fin)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Awaits("421").Fin();
        bed.Sim.Pass(4 * Second);

        faults.IsArmed = true;
        faults.Change();
        bed.Sim.Pass(point == FaultPoint.Elapsed ? 5 * Second : 9 * Second);
        Assert.Null(bed.Sim.Client.End);
        bed.Sim.Pass(2 * Second);

        Assert.EndsWith("STARTTLS\r\n421 4.3.2 injected\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Equal(point, Assert.Single(faults.Injections).Point);
    }

    [Fact]
    public void Rules_ThatChangeAndAreNotArmed_StrikeNothing()
    {
        var faults = new FakeFaults { IsArmed = false, IdleAfter = 10 * Second }
            .At(FaultPoint.Idle, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = AtRest(faults);
        faults.Change();
        bed.Sim.Pass(60 * Second);
        Assert.Null(bed.Sim.Client.End);
        Assert.Empty(faults.Injections);
    }

    /// <summary>It waits for the reply, and has no more to say.</summary>
    [Fact]
    public void Silence_OfAClientThatHasHalfClosed_MeansNothing()
    {
        var faults = new FakeFaults { IdleAfter = 10 * Second }
            .At(FaultPoint.Idle, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = AtRest(faults);
        bed.Sim.Client.Says("NOOP\r\n").Fin();
        bed.Sim.Relay.Awaits("NOOP\r\n").Waits(30 * Second).Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();
        Assert.EndsWith("STARTTLS\r\n250 noop\r\n", bed.Sim.Client.Heard, StringComparison.Ordinal);
        Assert.Equal(EndKind.Fin, bed.Sim.Client.End);
        Assert.Empty(faults.Injections);
    }

    /// <summary>The silence was long enough, and the fleet is being asked whether the rule may strike, when the client says the last
    /// that it has to say.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Silence_ThatAFleetIsAskedAbout_StrikesUnlessTheClientHalfClosesMeanwhile(bool halfCloses)
    {
        var faults = new FakeFaults { IdleAfter = 10 * Second, MayAsk = true, Late = FaultPoint.Idle }
            .At(FaultPoint.Idle, static s => s.Reply = static _ => [new ReplyStep.End(EndKind.Reset)]);
        var bed = AtRest(faults);
        bed.Sim.Pass(11 * Second);
        Assert.True(faults.IsAsking(FaultPoint.Idle));
        if (halfCloses)
        {
            bed.Sim.Client.Says("NOOP\r\n").Fin();
            bed.Sim.Run();
        }

        faults.Answer();
        bed.Sim.Relay.Awaits("NOOP\r\n").Says("250 noop\r\n").Fin();
        bed.Sim.RunToEnd();

        Assert.Equal(halfCloses ? EndKind.Fin : EndKind.Reset, bed.Sim.Client.End);
        Assert.Equal(halfCloses, bed.Sim.Client.Heard.EndsWith("STARTTLS\r\n250 noop\r\n", StringComparison.Ordinal));
        Assert.Equal(halfCloses ? 0 : 1, faults.Injections.Count);
        Assert.False(faults.IsAsking(FaultPoint.Idle));
    }

    private static SessionBed AtRest(FakeFaults faults)
    {
        var bed = new SessionBed(faults: faults);
        bed.Sim.Client.Awaits("\r\n").Says("EHLO c\r\n").Awaits("STARTTLS\r\n");
        bed.Sim.Relay.Says(Dialogues.Greeting).Awaits("EHLO c\r\n").Says(Dialogues.EhloReply);
        bed.Sim.Run();
        return bed;
    }
}
